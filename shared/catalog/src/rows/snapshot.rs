//! The rows of snapshots and of their streams.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result, Timestamp};
use slipway_snapshot::{Snapshot, SnapshotStream};

use super::StoredEntity;
use super::text::{self, StoredText};
use super::work::ChannelSetRow;

impl StoredEntity for Snapshot {
    type Row<'a> = SnapshotRow<'a>;

    fn to_row(&self) -> SnapshotRow<'_> {
        self.into()
    }

    fn from_row(row: SnapshotRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A snapshot.
#[derive(Serialize, Deserialize)]
pub(crate) struct SnapshotRow<'a> {
    snapshot_id: Cow<'a, str>,
    tenant_id: Cow<'a, str>,
    created_at: Timestamp,
    expires_at: Timestamp,
    stream: Cow<'a, str>,
    channels: Vec<Cow<'a, str>>,
    sequence: u64,
    release_count: usize,
    artifact_count: usize,
    content_digest: Cow<'a, str>,
    key_id: Cow<'a, str>,
    manifest_bytes: u64,
    bundle_bytes: u64,
}

impl<'a> From<&'a Snapshot> for SnapshotRow<'a> {
    fn from(value: &'a Snapshot) -> Self {
        Self {
            snapshot_id: value.snapshot_id.to_text(),
            tenant_id: value.tenant_id.to_text(),
            created_at: value.created_at,
            expires_at: value.expires_at,
            stream: value.stream.to_text(),
            channels: text::list(&value.channels),
            sequence: value.sequence,
            release_count: value.release_count,
            artifact_count: value.artifact_count,
            content_digest: value.content_digest.to_text(),
            key_id: value.key_id.as_str().into(),
            manifest_bytes: value.manifest_bytes,
            bundle_bytes: value.bundle_bytes,
        }
    }
}

impl TryFrom<SnapshotRow<'_>> for Snapshot {
    type Error = Error;

    fn try_from(row: SnapshotRow<'_>) -> Result<Self> {
        Ok(Self {
            snapshot_id: StoredText::from_text(row.snapshot_id)?,
            tenant_id: StoredText::from_text(row.tenant_id)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            stream: StoredText::from_text(row.stream)?,
            channels: text::from_set(row.channels)?,
            sequence: row.sequence,
            release_count: row.release_count,
            artifact_count: row.artifact_count,
            content_digest: StoredText::from_text(row.content_digest)?,
            key_id: row.key_id.into_owned(),
            manifest_bytes: row.manifest_bytes,
            bundle_bytes: row.bundle_bytes,
        })
    }
}

impl StoredEntity for SnapshotStream {
    type Row<'a> = SnapshotStreamRow<'a>;

    fn to_row(&self) -> SnapshotStreamRow<'_> {
        self.into()
    }

    fn from_row(row: SnapshotStreamRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A stream of snapshots.
#[derive(Serialize, Deserialize)]
pub(crate) struct SnapshotStreamRow<'a> {
    tenant_id: Cow<'a, str>,
    channels: ChannelSetRow<'a>,
    latest: Option<SnapshotRow<'a>>,
    generation_id: Option<Cow<'a, str>>,
    /// Since the version after 0.1.0. Absent means that the stream is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
}

impl<'a> From<&'a SnapshotStream> for SnapshotStreamRow<'a> {
    fn from(value: &'a SnapshotStream) -> Self {
        Self {
            tenant_id: value.tenant_id.to_text(),
            channels: (&value.channels).into(),
            latest: value.latest.as_ref().map(Into::into),
            generation_id: text::optional(value.generation_id.as_ref()),
            deleted_at: value.deleted_at,
        }
    }
}

impl TryFrom<SnapshotStreamRow<'_>> for SnapshotStream {
    type Error = Error;

    fn try_from(row: SnapshotStreamRow<'_>) -> Result<Self> {
        Ok(Self {
            tenant_id: StoredText::from_text(row.tenant_id)?,
            channels: row.channels.try_into()?,
            latest: row.latest.map(TryInto::try_into).transpose()?,
            generation_id: text::from_optional(row.generation_id)?,
            deleted_at: row.deleted_at,
        })
    }
}
