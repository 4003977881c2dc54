//! Releases: one version of a product on one channel.

mod creation;
mod transition;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::creation::{MAX_ARTIFACTS, MAX_METADATA_BYTES, NewRelease, NewReleaseArtifact};
pub use self::transition::{NewPromotion, NewRevocation};
use crate::artifact::ExternalUrl;
use crate::platform::{Arch, InstallerType, Platform};
use crate::rollout::Rollout;
use crate::text::Reason;
use crate::{ArtifactId, Channel, ProductId, ReleaseId, Sha256, Version};

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseStatus {
    /// Not offered yet.
    Draft,
    /// Offered to clients.
    Published,
    /// Withdrawn for good.
    Revoked,
}

/// What a vendor says about a release: any JSON object, such as release notes or a minimal system
/// version.
pub type Metadata = Map<String, Value>;

/// A release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    /// Its id.
    pub release_id: ReleaseId,
    /// The product.
    pub product_id: ProductId,
    /// The version, once per product and channel, for ever.
    pub version: Version,
    /// The channel.
    pub channel: Channel,
    /// Where it stands.
    pub status: ReleaseStatus,
    /// What it consists of.
    pub artifacts: Vec<ReleaseArtifact>,
    /// What its vendor says about it.
    pub metadata: Option<Metadata>,
    /// Whom it is offered to.
    pub rollout: Rollout,
    /// When it was created.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: String,
    /// When it was published.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub published_at: Option<Timestamp>,
    /// The release on another channel that it was promoted from.
    pub promoted_from: Option<ReleaseId>,
    /// When, by whom and why it was revoked.
    #[serde(flatten)]
    pub revocation: Option<Revocation>,
}

/// One artifact of a release: which machine it is for, and a copy of what never changes about its
/// bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseArtifact {
    /// The artifact.
    pub artifact_id: ArtifactId,
    /// The system it runs on.
    pub platform: Platform,
    /// The processor it runs on.
    pub arch: Arch,
    /// The form of the installer.
    pub installer_type: InstallerType,
    /// Whether installing needs an administrator.
    pub requires_admin: bool,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its length.
    pub size_bytes: u64,
    /// Where it is, if it is stored elsewhere.
    pub external_url: Option<ExternalUrl>,
}

impl ReleaseArtifact {
    /// Where clients of the API at `base_url` get it: its external URL, or the download endpoint,
    /// which needs no renewal.
    #[must_use]
    pub fn located(&self, base_url: &str) -> String {
        self.external_url
            .as_ref()
            .map_or_else(|| self.artifact_id.download_url(base_url), |url| url.as_str().to_owned())
    }
}

impl ArtifactId {
    /// The artifact's download endpoint, where the API is at `base_url`.
    #[must_use]
    pub fn download_url(&self, base_url: &str) -> String {
        format!("{base_url}/v1/artifacts/{self}/download")
    }
}

/// When, by whom and why a release was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revocation {
    /// When.
    #[schemars(with = "crate::page::Rfc3339")]
    pub revoked_at: Timestamp,
    /// By whom.
    pub revoked_by: String,
    /// Why.
    pub reason: Reason,
}
