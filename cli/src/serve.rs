//! `slipway mirror serve`: hands out the snapshot, its bundle and its artifacts, over HTTPS.

mod artifact;
mod documents;
mod error;
mod identity;
mod server;

pub use self::identity::identity;
pub use self::server::{Transport, serve};
