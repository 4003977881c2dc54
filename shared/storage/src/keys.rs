//! Object keys.

use slipway_domain::{Sha256, SnapshotId, TenantId, UploadId};

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

/// What the keys of all snapshots begin with.
pub const SNAPSHOTS: &str = "snapshots/";

/// Where the bundle of a snapshot is.
#[must_use]
pub fn bundle(tenant: &TenantId, snapshot: &SnapshotId) -> String {
    format!("{SNAPSHOTS}{tenant}/{snapshot}/bundle.json")
}

/// Where the manifest of a snapshot is, if it is too large to be cut out of the bundle.
#[must_use]
pub fn manifest(tenant: &TenantId, snapshot: &SnapshotId) -> String {
    format!("{SNAPSHOTS}{tenant}/{snapshot}/manifest.json")
}

/// The snapshot that the object at `key` belongs to.
#[must_use]
pub fn snapshot_of(key: &str) -> Option<SnapshotId> {
    let (_, rest) = key.strip_prefix(SNAPSHOTS)?.split_once('/')?;
    rest.split_once('/')?.0.parse().ok()
}
