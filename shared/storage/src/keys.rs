//! Object keys.

use slipway_domain::{Sha256, SnapshotId, TenantId, UploadId};

/// Prefix of the keys of uploaded, unverified objects.
pub const INCOMING: &str = "incoming/";

/// Key at which the bytes of an upload arrive. Never served.
#[must_use]
pub fn incoming(upload: &UploadId) -> String {
    format!("{INCOMING}{upload}")
}

/// The upload whose bytes arrive at `key`.
#[must_use]
pub fn upload_of(key: &str) -> Option<UploadId> {
    key.strip_prefix(INCOMING)?.parse().ok()
}

/// Key from which verified bytes are served, derived from their digest.
#[must_use]
pub fn served(sha256: &Sha256) -> String {
    let hex = sha256.to_string();
    let (shard, _) = hex.split_at(2);
    format!("artifacts/sha256/{shard}/{hex}")
}

/// Prefix of the keys of snapshots.
pub const SNAPSHOTS: &str = "snapshots/";

/// Key of a snapshot's bundle.
#[must_use]
pub fn bundle(tenant: &TenantId, snapshot: &SnapshotId) -> String {
    format!("{SNAPSHOTS}{tenant}/{snapshot}/bundle.json")
}

/// Key of a snapshot's manifest, if it is too large for a function to read it from the bundle.
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
