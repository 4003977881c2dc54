//! The audit log: one event per change, written in the same transaction as the change.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::EventId;

/// An entry of the audit log: what happened, to which resource, when and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEvent {
    /// Id of the event.
    pub event_id: EventId,
    /// Kind of change.
    pub event_type: EventType,
    /// Who made the change: a token id, `bootstrap`, or `job:` and a job's name.
    pub actor: String,
    /// Id of the resource that changed.
    pub subject: String,
    /// Time of the change.
    #[schemars(with = "crate::page::Rfc3339")]
    pub at: Timestamp,
    /// Id of the request or invocation that made the change, as in the log.
    pub request_id: String,
}

/// Kind of change that an audit event records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EventType {
    /// A product was created.
    #[serde(rename = "product.created")]
    ProductCreated,
    /// A product was changed.
    #[serde(rename = "product.updated")]
    ProductUpdated,
    /// A tenant was created.
    #[serde(rename = "tenant.created")]
    TenantCreated,
    /// A tenant was changed.
    #[serde(rename = "tenant.updated")]
    TenantUpdated,
    /// A policy was set.
    #[serde(rename = "policy.updated")]
    PolicyUpdated,
    /// A policy was deleted.
    #[serde(rename = "policy.deleted")]
    PolicyDeleted,
    /// An external artifact was registered.
    #[serde(rename = "artifact.registered")]
    ArtifactRegistered,
    /// An external artifact was fetched and compared with what was registered.
    #[serde(rename = "artifact.checked")]
    ArtifactChecked,
    /// An upload was initiated.
    #[serde(rename = "upload.initiated")]
    UploadInitiated,
    /// An upload was verified and became an artifact.
    #[serde(rename = "upload.verified")]
    UploadVerified,
    /// The bytes of an upload were not the announced ones.
    #[serde(rename = "upload.failed")]
    UploadFailed,
    /// An upload was aborted.
    #[serde(rename = "upload.aborted")]
    UploadAborted,
    /// A draft release was created.
    #[serde(rename = "release.drafted")]
    ReleaseDrafted,
    /// Artifacts were added to a draft release.
    #[serde(rename = "release.artifacts_added")]
    ReleaseArtifactsAdded,
    /// A draft release was deleted.
    #[serde(rename = "release.deleted")]
    ReleaseDeleted,
    /// A release was published.
    #[serde(rename = "release.published")]
    ReleasePublished,
    /// A release's metadata was changed.
    #[serde(rename = "release.updated")]
    ReleaseUpdated,
    /// A release's rollout was changed.
    #[serde(rename = "release.rollout_changed")]
    ReleaseRolloutChanged,
    /// A release's rollout made a step, by its clock.
    #[serde(rename = "release.rollout_step")]
    ReleaseRolloutStep,
    /// A release's rollout was paused by itself, because of what clients reported.
    #[serde(rename = "release.halted")]
    ReleaseHalted,
    /// A release was revoked.
    #[serde(rename = "release.revoked")]
    ReleaseRevoked,
    /// A token was created.
    #[serde(rename = "token.created")]
    TokenCreated,
    /// A token was revoked.
    #[serde(rename = "token.revoked")]
    TokenRevoked,
    /// The snapshot configuration was changed.
    #[serde(rename = "snapshot.configured")]
    SnapshotConfigured,
    /// Snapshots were requested for every tenant.
    #[serde(rename = "snapshot.requested")]
    SnapshotRequested,
    /// A snapshot was created.
    #[serde(rename = "snapshot.created")]
    SnapshotCreated,
    /// A snapshot stream was deleted.
    #[serde(rename = "snapshot_stream.deleted")]
    SnapshotStreamDeleted,
    /// A snapshot was deleted by retention.
    #[serde(rename = "snapshot.deleted")]
    SnapshotDeleted,
    /// A mirror was created.
    #[serde(rename = "mirror.created")]
    MirrorCreated,
    /// A mirror sent a report.
    #[serde(rename = "mirror.reported")]
    MirrorReported,
    /// A signing key was added to the key ring.
    #[serde(rename = "key.added")]
    KeyAdded,
    /// A signing key was revoked.
    #[serde(rename = "key.revoked")]
    KeyRevoked,
}
