//! Releases: a version of a product, published on a channel.

mod creation;
mod halting;
mod history;
mod new_artifacts;
mod prerelease;
mod staging;
mod transition;
mod upgrade_path;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::creation::NewRelease;
pub use self::halting::{Bounded, Halt, HaltRule, HaltRuleChange, Halting};
pub use self::history::{ReleaseChange, RolloutTransition, StatusTransition};
pub use self::new_artifacts::{ArtifactAddition, MAX_ARTIFACTS, NewReleaseArtifact};
pub use self::transition::{NewPromotion, NewRevocation, Publication, ReleasePatch};
pub use self::upgrade_path::UpgradePath;
use crate::artifact::ExternalUrl;
use crate::page::Listed;
use crate::platform::{Arch, InstallerType, Platform};
use crate::rollout::StagedRollout;
use crate::text::Reason;
use crate::{ArtifactId, Channel, Metadata, ProductId, ReleaseId, Sha256, Version};

/// Lifecycle status of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseStatus {
    /// Not published: not offered to clients.
    Draft,
    /// Offered to clients.
    Published,
    /// Permanently withdrawn: not offered any more.
    Revoked,
}

/// A release: one version of a product on one channel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Release {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Id of the product.
    pub product_id: ProductId,
    /// SemVer version, unique within product and channel, also after a revocation.
    pub version: Version,
    /// Channel that the release is on.
    pub channel: Channel,
    /// Lifecycle status.
    pub status: ReleaseStatus,
    /// Artifacts, one per platform, architecture and installer type. Empty only for a draft.
    pub artifacts: Vec<ReleaseArtifact>,
    /// Metadata that the vendor attached, passed on to clients; null if there is none.
    pub metadata: Option<Metadata>,
    /// Staged rollout: the share of clients that are offered the release, and the steps that are to
    /// come.
    pub rollout: StagedRollout,
    /// Whether clients may skip the release, and what they must have installed before it.
    #[serde(flatten)]
    pub upgrade_path: UpgradePath,
    /// When the rollout pauses by itself, and what has paused it.
    #[serde(flatten)]
    pub halting: Halting,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Actor that created the release, as the audit log names it: a token id, `bootstrap`, `oidc:` and
    /// an operator's `sub`, or a trust rule's id, `:` and a workload's `sub`.
    pub created_by: String,
    /// Time of publication, RFC 3339, UTC; null for a draft.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub published_at: Option<Timestamp>,
    /// Actor that published the draft that it was; `None` for a draft, and where it was published by
    /// its creation: [`Release::publisher`] knows. No part of the release as the API answers it.
    #[serde(skip)]
    pub published_by: Option<String>,
    /// Id of the release on another channel that this one was promoted from; null if it was not
    /// promoted.
    pub promoted_from: Option<ReleaseId>,
    /// Time, actor and reason of the revocation; absent unless the release is revoked.
    #[serde(flatten)]
    pub revocation: Option<Revocation>,
}

impl Listed for Release {
    const MEMBER: &'static str = "releases";
}

impl Release {
    /// Actor that published the release; `None` for a draft, and for one that a version published
    /// that did not record it.
    #[must_use]
    pub fn publisher(&self) -> Option<&str> {
        let by_its_creation = self.published_at == Some(self.created_at);
        let creator = by_its_creation.then_some(&self.created_by);
        self.published_by.as_ref().or(creator).map(String::as_str)
    }
}

/// An artifact of a release: its platform, and a copy of the artifact's immutable properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseArtifact {
    /// Id of the artifact.
    pub artifact_id: ArtifactId,
    /// Operating system it runs on.
    pub platform: Platform,
    /// Processor architecture it runs on.
    pub arch: Arch,
    /// Type of the installer.
    pub installer_type: InstallerType,
    /// Whether installation requires administrator rights.
    pub requires_admin: bool,
    /// SHA-256 digest of the bytes.
    pub sha256: Sha256,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Download URL of an `EXTERNAL` artifact; null if Slipway stores the bytes.
    pub external_url: Option<ExternalUrl>,
    /// Whether Slipway had read bytes of this digest and size when the artifact was added: always if
    /// it stores them.
    pub verified: bool,
}

impl ReleaseArtifact {
    /// The URL that clients of the API at `base_url` download from: the external URL, or the
    /// download endpoint, which does not expire.
    #[must_use]
    pub fn download_url_for(&self, base_url: &str) -> String {
        self.external_url
            .as_ref()
            .map_or_else(|| self.artifact_id.download_url(base_url), |url| url.as_str().to_owned())
    }
}

impl ArtifactId {
    /// URL of the artifact's download endpoint, for an API at `base_url`.
    #[must_use]
    pub fn download_url(&self, base_url: &str) -> String {
        format!("{base_url}/v1/artifacts/{self}/download")
    }
}

/// Time, actor and reason of a revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revocation {
    /// Time of the revocation, RFC 3339, UTC; absent unless the release is revoked.
    #[schemars(with = "crate::page::Rfc3339")]
    pub revoked_at: Timestamp,
    /// Actor that revoked the release, as the audit log names it.
    pub revoked_by: String,
    /// Reason for the revocation.
    pub reason: Reason,
}
