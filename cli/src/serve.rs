//! `slipway mirror serve`: hands out the snapshot, its bundle and its artifacts, and decides by
//! it, over HTTPS.

mod artifact;
mod base_url;
mod decision;
mod decision_index;
mod decision_limits;
mod decision_request;
mod digests;
mod documents;
mod error;
mod file;
mod identity;
mod json_response;
mod range;
mod self_signed;
mod server;
mod stall;
mod unread_body;

pub use self::base_url::BaseUrl;
pub use self::decision::Decisions;
pub use self::documents::Served;
pub use self::identity::tls_identity;
pub use self::server::serve;
