//! The audit log: one event per change, written in the transaction that makes the change.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::EventId;

/// What happened, to what, when and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEvent {
    /// Its id.
    pub event_id: EventId,
    /// What happened.
    pub event_type: EventType,
    /// Who did it.
    pub actor: String,
    /// The id of the thing that changed.
    pub subject: String,
    /// When.
    #[schemars(with = "crate::page::Rfc3339")]
    pub at: Timestamp,
    /// The request that did it.
    pub request_id: String,
}

/// What happened.
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
    /// An external artifact was registered.
    #[serde(rename = "artifact.registered")]
    ArtifactRegistered,
    /// An upload was initiated.
    #[serde(rename = "upload.initiated")]
    UploadInitiated,
    /// An upload was verified.
    #[serde(rename = "upload.verified")]
    UploadVerified,
    /// An upload failed its verification.
    #[serde(rename = "upload.failed")]
    UploadFailed,
    /// An upload was given up.
    #[serde(rename = "upload.aborted")]
    UploadAborted,
    /// A draft was created.
    #[serde(rename = "release.drafted")]
    ReleaseDrafted,
    /// A draft was deleted.
    #[serde(rename = "release.deleted")]
    ReleaseDeleted,
    /// A release was published.
    #[serde(rename = "release.published")]
    ReleasePublished,
    /// A release's rollout was changed.
    #[serde(rename = "release.rollout_changed")]
    ReleaseRolloutChanged,
    /// A release was revoked.
    #[serde(rename = "release.revoked")]
    ReleaseRevoked,
    /// A token was created.
    #[serde(rename = "token.created")]
    TokenCreated,
    /// A token was revoked.
    #[serde(rename = "token.revoked")]
    TokenRevoked,
    /// The configuration of snapshots was changed.
    #[serde(rename = "snapshot.configured")]
    SnapshotConfigured,
    /// Snapshots of every tenant were asked for.
    #[serde(rename = "snapshot.requested")]
    SnapshotRequested,
    /// A snapshot was made.
    #[serde(rename = "snapshot.created")]
    SnapshotCreated,
    /// A snapshot was deleted: its time was over.
    #[serde(rename = "snapshot.deleted")]
    SnapshotDeleted,
    /// A mirror was created.
    #[serde(rename = "mirror.created")]
    MirrorCreated,
    /// A mirror reported.
    #[serde(rename = "mirror.reported")]
    MirrorReported,
    /// A signing key joined the ring.
    #[serde(rename = "key.added")]
    KeyAdded,
    /// A signing key was revoked.
    #[serde(rename = "key.revoked")]
    KeyRevoked,
}
