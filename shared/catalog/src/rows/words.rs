//! Enumerations of the domain as rows keep them. A word that a released version wrote stays.

use std::borrow::Cow;

use slipway_composition::{
    AuthMode, BundlePromotionStatus, BundleStatus, IntegrationType, TagChoice, VersioningStrategy,
};
use slipway_domain::approval::{ApprovalStatus, GatedOperation};
use slipway_domain::artifact::{CheckOutcome, SourceType};
use slipway_domain::audit::EventType;
use slipway_domain::decision::Action;
use slipway_domain::key::KeyPurpose;
use slipway_domain::outcome::Outcome;
use slipway_domain::platform::{Arch, InstallerType, Platform};
use slipway_domain::policy::UpdateMode;
use slipway_domain::product::ArtifactAccess;
use slipway_domain::release::ReleaseStatus;
use slipway_domain::upload::{FailureReason, UploadStatus};
use slipway_domain::webhook::{DeliveryStatus, WebhookFormat, WebhookStatus};
use slipway_domain::{Error, Result, Scope};
use slipway_snapshot::GenerationMode;
use slipway_snapshot::mirror::SyncOutcome;

use super::text::StoredText;

/// The word of each variant; the compiler misses none.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl StoredText for $name {
            fn to_text(&self) -> Cow<'_, str> {
                Cow::Borrowed(match self { $(Self::$variant => $word,)* })
            }

            fn from_text(text: Cow<'_, str>) -> Result<Self> {
                match &*text {
                    $($word => Ok(Self::$variant),)*
                    other => Err(unknown(stringify!($name), other)),
                }
            }
        }
    )*};
}

fn unknown(kind: &str, word: &str) -> Error {
    Error::internal(format!("a row has the {kind} `{word}`, which this version does not know"))
}

words! {
    Action {
        Install = "INSTALL",
        Download = "DOWNLOAD",
        Notify = "NOTIFY",
        None = "NONE",
    }
    ArtifactAccess { Public = "public", Token = "token" }
    CheckOutcome {
        Match = "match",
        SizeMismatch = "size_mismatch",
        ChecksumMismatch = "checksum_mismatch",
        Unreachable = "unreachable",
    }
    BundleStatus {
        Draft = "draft",
        Ready = "ready",
        Promoting = "promoting",
        Deployed = "deployed",
        Deprecated = "deprecated",
    }
    BundlePromotionStatus {
        AwaitingApproval = "awaiting_approval",
        InProgress = "in_progress",
        Deployed = "deployed",
        Failed = "failed",
        Rejected = "rejected",
    }
    TagChoice { New = "new", All = "all" }
    VersioningStrategy { Semver = "semver" }
    SourceType { External = "EXTERNAL", Managed = "MANAGED" }
    ReleaseStatus { Draft = "draft", Published = "published", Revoked = "revoked" }
    UploadStatus {
        Pending = "pending",
        Verifying = "verifying",
        Available = "available",
        Failed = "failed",
        Expired = "expired",
        Aborted = "aborted",
    }
    FailureReason {
        SizeMismatch = "size_mismatch",
        ChecksumMismatch = "checksum_mismatch",
        VerificationStalled = "verification_stalled",
    }
    Outcome { Installed = "installed", Failed = "failed", RolledBack = "rolled_back" }
    Platform {
        Windows = "windows",
        Macos = "macos",
        Linux = "linux",
        Android = "android",
        Ios = "ios",
        Freebsd = "freebsd",
    }
    Arch {
        X86_64 = "x86_64",
        X86 = "x86",
        Arm64 = "arm64",
        Armv7 = "armv7",
        Riscv64 = "riscv64",
        Universal = "universal",
    }
    InstallerType {
        Msi = "msi",
        Exe = "exe",
        Msix = "msix",
        Dmg = "dmg",
        Pkg = "pkg",
        Deb = "deb",
        Rpm = "rpm",
        Appimage = "appimage",
        Apk = "apk",
        Zip = "zip",
        TarGz = "tar.gz",
    }
    Scope {
        CiWrite = "ci:write",
        ReleasesDraft = "releases:draft",
        ReleasesPublish = "releases:publish",
        ReleasesPromote = "releases:promote",
        ReleasesRollout = "releases:rollout",
        ReleasesRevoke = "releases:revoke",
        ReleasesRead = "releases:read",
        ArtifactsWrite = "artifacts:write",
        SnapshotsWrite = "snapshots:write",
        MirrorsRead = "mirrors:read",
        BundlesRead = "bundles:read",
        BundlesWrite = "bundles:write",
        AdminRead = "admin:read",
        AdminWrite = "admin:write",
        AuditRead = "audit:read",
    }
    ApprovalStatus {
        Pending = "pending",
        Approved = "approved",
        Rejected = "rejected",
        Expired = "expired",
        Used = "used",
    }
    GatedOperation {
        ReleaseCreate = "release-create",
        ReleasePublish = "release-publish",
        ReleasePromote = "release-promote",
        ReleaseRollout = "release-rollout",
        ReleaseUpdate = "release-update",
        ProductUpdate = "product-update",
    }
    UpdateMode {
        AutoInstall = "AUTO_INSTALL",
        DownloadOnly = "DOWNLOAD_ONLY",
        NotifyOnly = "NOTIFY_ONLY",
        ManagedByIt = "MANAGED_BY_IT",
    }
    KeyPurpose { Decision = "decision", Snapshot = "snapshot" }
    AuthMode { None = "none", Basic = "basic", Bearer = "bearer" }
    IntegrationType { OciRegistry = "registry.oci", GitHub = "scm.github" }
    WebhookFormat { Standard = "standard", Slack = "slack" }
    WebhookStatus { Active = "active", Disabled = "disabled" }
    DeliveryStatus { Pending = "pending", Delivered = "delivered", Failed = "failed" }
    GenerationMode { IfChanged = "if_changed", Always = "always" }
    SyncOutcome { Synced = "synced", Failed = "failed" }
    EventType {
        ProductCreated = "product.created",
        ProductUpdated = "product.updated",
        TenantCreated = "tenant.created",
        TenantUpdated = "tenant.updated",
        EnvironmentCreated = "environment.created",
        EnvironmentUpdated = "environment.updated",
        EnvironmentDeleted = "environment.deleted",
        IntegrationCreated = "integration.created",
        IntegrationUpdated = "integration.updated",
        IntegrationDeleted = "integration.deleted",
        ComponentCreated = "component.created",
        ComponentUpdated = "component.updated",
        ComponentSynced = "component.synced",
        ComponentDeleted = "component.deleted",
        VersionMapCreated = "version_map.created",
        BundleCreated = "bundle.created",
        BundleUpdated = "bundle.updated",
        BundleDeprecated = "bundle.deprecated",
        BundleBroken = "bundle.broken",
        BundleIntact = "bundle.intact",
        BundleDeleted = "bundle.deleted",
        PromotionRequested = "promotion.requested",
        PromotionApproved = "promotion.approved",
        PromotionRejected = "promotion.rejected",
        PromotionCompleted = "promotion.completed",
        PolicyUpdated = "policy.updated",
        PolicyDeleted = "policy.deleted",
        ArtifactRegistered = "artifact.registered",
        ArtifactChecked = "artifact.checked",
        UploadInitiated = "upload.initiated",
        UploadDeclared = "upload.declared",
        UploadVerified = "upload.verified",
        UploadFailed = "upload.failed",
        UploadAborted = "upload.aborted",
        ReleaseDrafted = "release.drafted",
        ReleaseArtifactsAdded = "release.artifacts_added",
        ReleaseDeleted = "release.deleted",
        ReleasePublished = "release.published",
        ReleaseUpdated = "release.updated",
        ReleaseRolloutChanged = "release.rollout_changed",
        ReleaseRolloutStep = "release.rollout_step",
        ReleaseHalted = "release.halted",
        ReleaseRevoked = "release.revoked",
        ApprovalRequested = "approval.requested",
        ApprovalApproved = "approval.approved",
        ApprovalRejected = "approval.rejected",
        ApprovalUsed = "approval.used",
        TokenCreated = "token.created",
        TokenRevoked = "token.revoked",
        TokenExchanged = "token.exchanged",
        TrustRuleCreated = "trust_rule.created",
        TrustRuleDeleted = "trust_rule.deleted",
        SnapshotConfigured = "snapshot.configured",
        SnapshotRequested = "snapshot.requested",
        SnapshotCreated = "snapshot.created",
        SnapshotDeleted = "snapshot.deleted",
        SnapshotStreamDeleted = "snapshot_stream.deleted",
        MirrorCreated = "mirror.created",
        MirrorReported = "mirror.reported",
        WebhookCreated = "webhook.created",
        WebhookDisabled = "webhook.disabled",
        WebhookDeleted = "webhook.deleted",
        KeyAdded = "key.added",
        KeyRevoked = "key.revoked",
    }
}
