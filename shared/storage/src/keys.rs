//! Object keys.

use slipway_domain::{Sha256, UploadId};

/// What the keys of all incoming objects begin with.
pub const INCOMING: &str = "incoming/";

/// Where the bytes of an upload arrive. Nothing is served from here.
#[must_use]
pub fn incoming(upload: &UploadId) -> String {
    format!("{INCOMING}{upload}")
}

/// The upload whose bytes arrive at `key`.
#[must_use]
pub fn upload_of(key: &str) -> Option<UploadId> {
    key.strip_prefix(INCOMING)?.parse().ok()
}

/// Where verified bytes are served from: the key says what they are.
#[must_use]
pub fn served(sha256: &Sha256) -> String {
    let hex = sha256.to_string();
    let (shard, _) = hex.split_at(2);
    format!("artifacts/sha256/{shard}/{hex}")
}
