//! The origin: the vendor's Slipway, and where it sends its mirrors for bytes.

mod api;
mod client;
mod fetch_policy;
mod retry;
mod tls;

pub use self::client::{AGENT, Client, FetchResponse};
pub use self::fetch_policy::FetchPolicy;
pub use self::retry::RetryPolicy;
