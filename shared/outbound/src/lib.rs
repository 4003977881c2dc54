//! The one HTTP client for everything that leaves Slipway.
//!
//! A [`FetchPolicy`] says which URLs and addresses may be reached, [`Limits`] how long and how much.
//! Redirects are followed one by one, each under the same policy. A credential goes to the origin
//! alone. The address that was checked after DNS is the one that is dialled.
//!
//! Behind a [`Proxy`], https goes by CONNECT and the proxy resolves the names: what a URL says is
//! judged as ever, but no address is checked. So a policy that refuses internal addresses takes no
//! proxy. The environment is never read here: who builds the client says what it says.
//!
//! Reading order: [`policy`](FetchPolicy), [`address`](AddressKind), `connector`, [`client`](Client),
//! [`response`](Response). `docs/decisions/0005-outbound-http-client.md` says why it is built on
//! `hyper-util`.

mod address;
mod backoff;
mod client;
mod connector;
mod error;
mod fetch;
mod limits;
mod policy;
mod proxy;
mod response;
mod timer;
mod tls;

pub use self::address::AddressKind;
pub use self::backoff::{Backoff, Transient};
pub use self::client::{BearerToken, Client, ClientBuilder};
pub use self::connector::{InternalAddress, Resolve, Resolving};
pub use self::error::{Error, Refusal, Result};
pub use self::fetch::Fetch;
pub use self::limits::{Limits, MinThroughput};
pub use self::policy::{FetchPolicy, InsecureHttp, InternalAddresses};
pub use self::proxy::Proxy;
pub use self::response::Response;
pub use self::tls::TrustRoots;
