//! JWTs of OIDC issuers (RFC 7519, RFC 8725): their strict verification, and the keys of an issuer,
//! which are fetched, kept, and fetched again.
//!
//! Nothing here is secret: keys, `kid`s and claims are public, and a key is found by the equality of
//! its `kid` alone, so that the time that a look-up takes tells nothing that could be used.

mod claims;
mod issuer_keys;
mod jwt;
mod key_set;
mod signature;

pub use self::claims::Claims;
pub use self::issuer_keys::IssuerKeys;
pub use self::jwt::{Jwt, is_jwt};
pub use self::key_set::KeySet;
pub use slipway_domain::IssuerUrl;
