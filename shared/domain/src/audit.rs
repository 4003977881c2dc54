//! The audit log: one event per change, written in the same transaction as the change.

mod change;
mod filter;
mod subject;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::change::{Change, MAX_VALUE_BYTES, Members};
pub use self::filter::{Actor, AuditFilter};
pub use self::subject::AuditSubject;
use crate::page::Listed;
use crate::{EventId, ProductId, ReleaseId, TenantId};

/// An entry of the audit log: what happened, to which resource, when and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditEvent {
    /// Id of the event. Later events have ids that sort after earlier ones.
    pub event_id: EventId,
    /// Kind of change.
    pub event_type: EventType,
    /// Who made the change: a token id, `bootstrap`, `oidc:` and an operator's `sub`, a trust rule's id,
    /// `:` and a workload's `sub`, `registry-webhook:` and an integration's id, or `job:` and a job's
    /// name.
    pub actor: String,
    /// Display name of the actor at that time; null if it has none, and for events that version
    /// 0.1.0 recorded.
    pub actor_name: Option<String>,
    /// Id of the resource that changed.
    pub subject: String,
    /// Product that the resource is, or belongs to; null if it belongs to none.
    pub product_id: Option<ProductId>,
    /// Release that the resource is, or belongs to; null if it belongs to none.
    pub release_id: Option<ReleaseId>,
    /// Tenant that the resource is, or belongs to; null if it belongs to none.
    pub tenant_id: Option<TenantId>,
    /// Time of the change, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub at: Timestamp,
    /// Id of the request or invocation that made the change, as in the log.
    pub request_id: String,
    /// The members that changed, with the values that they had, named as the API names them; null
    /// for a creation, and where no values are told. Members that the event has itself are left
    /// out. A value longer than 512 bytes is `{"sha256": ..., "size_bytes": ...}` of its canonical
    /// form (RFC 8785).
    pub before: Option<Members>,
    /// The same members with the values that they got; of a creation, all that are not null. Null
    /// for a deletion, and where no values are told.
    pub after: Option<Members>,
}

impl Listed for AuditEvent {
    const MEMBER: &'static str = "events";
}

impl AuditEvent {
    /// The same event about `subject`.
    #[must_use]
    pub fn about(self, subject: AuditSubject) -> Self {
        let AuditSubject { id, product_id, release_id, tenant_id, change } = subject;
        let stated = [
            ("product_id", product_id.as_ref().map(ProductId::as_str)),
            ("release_id", release_id.as_ref().map(ReleaseId::as_str)),
            ("tenant_id", tenant_id.as_ref().map(TenantId::as_str)),
        ];
        let Change { before, after } = change.without_repetition(self.at, &self.actor, &stated);
        Self { subject: id, product_id, release_id, tenant_id, before, after, ..self }
    }
}

/// Kind of change that an audit event records.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
    /// An environment was created.
    #[serde(rename = "environment.created")]
    EnvironmentCreated,
    /// An environment was changed.
    #[serde(rename = "environment.updated")]
    EnvironmentUpdated,
    /// An environment was deleted.
    #[serde(rename = "environment.deleted")]
    EnvironmentDeleted,
    /// An integration was created.
    #[serde(rename = "integration.created")]
    IntegrationCreated,
    /// An integration was changed.
    #[serde(rename = "integration.updated")]
    IntegrationUpdated,
    /// An integration was deleted.
    #[serde(rename = "integration.deleted")]
    IntegrationDeleted,
    /// A component was created.
    #[serde(rename = "component.created")]
    ComponentCreated,
    /// A component was changed.
    #[serde(rename = "component.updated")]
    ComponentUpdated,
    /// A sync has added version maps to a component.
    #[serde(rename = "component.synced")]
    ComponentSynced,
    /// A component was deleted, and its version maps with it.
    #[serde(rename = "component.deleted")]
    ComponentDeleted,
    /// Somebody has said which version a tag of a component is.
    #[serde(rename = "version_map.created")]
    VersionMapCreated,
    /// A release bundle was created.
    #[serde(rename = "bundle.created")]
    BundleCreated,
    /// A release bundle was changed.
    #[serde(rename = "bundle.updated")]
    BundleUpdated,
    /// A release bundle was deprecated.
    #[serde(rename = "bundle.deprecated")]
    BundleDeprecated,
    /// An image that a release bundle pins is gone from its registry, or others than before are.
    #[serde(rename = "bundle.broken")]
    BundleBroken,
    /// No image that a release bundle pins is known to be gone: for the first time, or again.
    /// `health` tells whether all were found.
    #[serde(rename = "bundle.intact")]
    BundleIntact,
    /// A release bundle was deleted.
    #[serde(rename = "bundle.deleted")]
    BundleDeleted,
    /// The promotion of a release bundle to an environment was asked for.
    #[serde(rename = "promotion.requested")]
    PromotionRequested,
    /// Somebody approved the promotion of a release bundle.
    #[serde(rename = "promotion.approved")]
    PromotionApproved,
    /// Somebody rejected or withdrew the promotion of a release bundle.
    #[serde(rename = "promotion.rejected")]
    PromotionRejected,
    /// The promotion of a release bundle has ended, well or not.
    #[serde(rename = "promotion.completed")]
    PromotionCompleted,
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
    /// The size and digest of an upload for a release were declared, after its bytes had arrived: a
    /// job verifies them.
    #[serde(rename = "upload.declared")]
    UploadDeclared,
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
    /// A change that waits for sign-off was asked for.
    #[serde(rename = "approval.requested")]
    ApprovalRequested,
    /// Somebody approved a change.
    #[serde(rename = "approval.approved")]
    ApprovalApproved,
    /// Somebody rejected a change.
    #[serde(rename = "approval.rejected")]
    ApprovalRejected,
    /// A change was made that others had approved.
    #[serde(rename = "approval.used")]
    ApprovalUsed,
    /// A token was created.
    #[serde(rename = "token.created")]
    TokenCreated,
    /// A token was revoked.
    #[serde(rename = "token.revoked")]
    TokenRevoked,
    /// A workload's JWT was exchanged for a token.
    #[serde(rename = "token.exchanged")]
    TokenExchanged,
    /// A trust rule was created.
    #[serde(rename = "trust_rule.created")]
    TrustRuleCreated,
    /// A trust rule was deleted.
    #[serde(rename = "trust_rule.deleted")]
    TrustRuleDeleted,
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
    /// A webhook was created.
    #[serde(rename = "webhook.created")]
    WebhookCreated,
    /// A webhook was disabled: its receiver took nothing for a day, or answered 410.
    #[serde(rename = "webhook.disabled")]
    WebhookDisabled,
    /// A webhook was deleted.
    #[serde(rename = "webhook.deleted")]
    WebhookDeleted,
    /// A signing key was added to the key ring.
    #[serde(rename = "key.added")]
    KeyAdded,
    /// A signing key was revoked.
    #[serde(rename = "key.revoked")]
    KeyRevoked,
}
