//! `slipway mirror serve`: hands out the snapshot, its bundle and its artifacts, over HTTPS.

mod artifact;
mod digests;
mod documents;
mod error;
mod file;
mod identity;
mod range;
mod self_signed;
mod server;
mod stall;

pub use self::identity::tls_identity;
pub use self::server::serve;
