//! The S3 of the local stack: one process, one directory, no configuration.
//!
//! It exists so that everything that runs on Lambda against Amazon S3 runs on a laptop unchanged,
//! and so that a test which passes here says something about the real service. Where it knowingly
//! differs is listed in its README.
//!
//! Bytes live in files that are written once and never changed; what they mean lives in one
//! `SQLite` database. A request is acknowledged after its bytes are on disk under their final name
//! *and* the transaction that makes them visible is durable, so killing the process at any moment
//! loses nothing acknowledged and shows nothing half written.
//!
//! Reading order: [`serve`] (the door), `service` (one file per group of S3 operations), `store`
//! (what is kept and how).

mod credentials;
mod dialect;
mod error;
mod refusals;
mod server;
mod service;
mod signed_headers;
mod store;

pub use credentials::Credentials;
pub use dialect::Dialect;
pub use error::Error;
pub use server::{serve, serve_dialect};
pub use store::{Event, EventId, Store};

/// The region every bucket is in. Requests signed for another region are served all the same.
pub const REGION: &str = "us-east-1";
