//! Snapshots, their streams and configuration, and mirrors.

use jiff::Timestamp;
use slipway_domain::{MirrorId, SnapshotId, TenantId};
use slipway_snapshot::StreamId;

use super::{Index, Key, time};

/// A snapshot.
#[must_use]
pub fn snapshot(id: &SnapshotId) -> Key {
    Key::singleton("SNAPSHOT", id)
}

/// Position of a snapshot among all of its tenant, by time.
#[must_use]
pub fn snapshot_of(tenant: &TenantId, created_at: Timestamp, id: &SnapshotId) -> (Index, Key) {
    (Index::ByRelation, Key::new(snapshots_of(tenant), format!("{}#{id}", time(created_at))))
}

/// The partition of [`Index::ByRelation`] with the snapshots of a tenant.
#[must_use]
pub fn snapshots_of(tenant: &TenantId) -> String {
    format!("SNAPSHOTS#{tenant}")
}

/// The partition with the streams of a tenant.
#[must_use]
pub fn streams_of(tenant: &TenantId) -> String {
    format!("STREAMS#{tenant}")
}

/// A stream of snapshots.
#[must_use]
pub fn stream(tenant: &TenantId, stream: &StreamId) -> Key {
    Key::new(streams_of(tenant), stream.as_str())
}

/// The partition with the uses of a tenant's streams.
#[must_use]
pub fn stream_uses_of(tenant: &TenantId) -> String {
    format!("STREAMUSES#{tenant}")
}

/// When a stream was last used.
#[must_use]
pub fn stream_use(tenant: &TenantId, stream: &StreamId) -> Key {
    Key::new(stream_uses_of(tenant), stream.as_str())
}

/// The row whose revision rises with each stream that a tenant gets: whoever adds one has counted
/// them all.
#[must_use]
pub fn stream_count_guard(tenant: &TenantId) -> Key {
    Key::singleton("STREAMCOUNT", tenant)
}

/// The configuration of snapshots.
#[must_use]
pub fn snapshot_config() -> Key {
    Key::new("SNAPSHOTCONFIG", "SNAPSHOTCONFIG")
}

/// When something that happens by the clock happened last.
#[must_use]
pub fn last_time(what: &str) -> Key {
    Key::singleton("LASTTIME", what)
}

/// A mirror.
#[must_use]
pub fn mirror(id: &MirrorId) -> Key {
    Key::singleton("MIRROR", id)
}
