//! Creating a release: the request, and its validation.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Metadata, Release, ReleaseArtifact, ReleaseStatus};
use crate::artifact::Artifact;
use crate::platform::{Arch, InstallerType, Platform};
use crate::product::{Product, ProductRef};
use crate::rollout::Rollout;
use crate::{ArtifactId, Channel, Code, Error, ProductId, ReleaseId, Result, Version};

/// Limit of artifacts in a release. Publishing is one DynamoDB transaction of at most 100 items.
pub const MAX_ARTIFACTS: usize = 50;
/// Size limit of a release's metadata, in bytes of JSON. It is part of every decision response.
pub const MAX_METADATA_BYTES: usize = 16 << 10;

/// Request body of release-create. With `artifacts` the release is published immediately, unless
/// `draft` is set; without them it is created as a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRelease {
    /// Id of the product. Exactly one of `product_id` and `product` is required.
    pub product_id: Option<ProductId>,
    /// Id or slug of the product. Exactly one of `product_id` and `product` is required.
    pub product: Option<ProductRef>,
    /// SemVer version, unique within product and channel.
    pub version: Version,
    /// Channel. Required with `artifacts`. Default for a draft: `stable`.
    pub channel: Option<Channel>,
    /// Artifacts of the release, 1 to 50. Default: none, which creates a draft.
    #[schemars(length(min = 1, max = MAX_ARTIFACTS))]
    pub artifacts: Option<Vec<NewReleaseArtifact>>,
    /// Metadata to pass on to clients; at most 16 KiB of JSON. Default: none.
    pub metadata: Option<Metadata>,
    /// Staged rollout. Default: all clients.
    pub rollout: Option<Rollout>,
    /// Whether to keep a release with artifacts as a draft until release-publish. Default: false.
    #[serde(default)]
    pub draft: bool,
}

/// An artifact of a new release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReleaseArtifact {
    /// Id of a registered or uploaded artifact.
    pub artifact_id: ArtifactId,
    /// Operating system it runs on.
    pub platform: Platform,
    /// Processor architecture it runs on.
    pub arch: Arch,
    /// Type of the installer.
    pub installer_type: InstallerType,
    /// Whether installation requires administrator rights. Default: false.
    #[serde(default)]
    pub requires_admin: bool,
}

impl NewRelease {
    /// The product that the request refers to.
    ///
    /// # Errors
    /// `invalid_field` unless exactly one of `product_id` and `product` is given.
    pub fn product(&self) -> Result<ProductRef> {
        match (&self.product_id, &self.product) {
            (Some(id), None) => Ok(ProductRef::Id(id.clone())),
            (None, Some(name)) => Ok(name.clone()),
            _ => Err(Error::invalid("product_id", "give exactly one of product_id and product")),
        }
    }

    /// The distinct ids of its artifacts.
    #[must_use]
    pub fn artifact_ids(&self) -> BTreeSet<ArtifactId> {
        self.artifacts.iter().flatten().map(|artifact| artifact.artifact_id.clone()).collect()
    }

    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        self.product()?;
        self.rollout.map(|rollout| rollout.check("rollout.basis_points")).transpose()?;
        check_metadata(self.metadata.as_ref())?;
        let Some(artifacts) = &self.artifacts else { return Ok(()) };
        if self.channel.is_none() {
            return Err(Error::invalid(
                "channel",
                "a release with artifacts needs a channel, such as `stable`",
            ));
        }
        if !(1..=MAX_ARTIFACTS).contains(&artifacts.len()) {
            return Err(Error::invalid(
                "artifacts",
                format!(
                    "a release has 1 to {MAX_ARTIFACTS} artifacts; leave the field out to make a draft"
                ),
            ));
        }
        check_distinct(artifacts)
    }

    /// The release as of `now`: published if it has artifacts and `draft` is not set. `artifacts`
    /// are the stored ones among [`NewRelease::artifact_ids`].
    ///
    /// # Errors
    /// `unknown_channel`, `artifact_not_ready`, or those of [`NewRelease::check`].
    pub fn create(
        self,
        now: Timestamp,
        id: ReleaseId,
        product: &Product,
        artifacts: &[Artifact],
        actor: &str,
    ) -> Result<Release> {
        self.check()?;
        let channel = self.channel.unwrap_or_default();
        product.require_channel(&channel)?;
        let publish = self.artifacts.is_some() && !self.draft;
        let artifacts = self
            .artifacts
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(index, new)| new.resolve(index, artifacts))
            .collect::<Result<_>>()?;
        Ok(Release {
            release_id: id,
            product_id: product.product_id.clone(),
            version: self.version,
            channel,
            status: if publish { ReleaseStatus::Published } else { ReleaseStatus::Draft },
            artifacts,
            metadata: self.metadata,
            rollout: self.rollout.unwrap_or_default(),
            created_at: now,
            created_by: actor.to_owned(),
            published_at: publish.then_some(now),
            promoted_from: None,
            revocation: None,
        })
    }
}

impl NewReleaseArtifact {
    fn resolve(self, index: usize, stored: &[Artifact]) -> Result<ReleaseArtifact> {
        let Some(artifact) =
            stored.iter().find(|artifact| artifact.artifact_id == self.artifact_id)
        else {
            let message =
                format!("{} is neither registered nor uploaded and verified", self.artifact_id);
            let error = Error::new(Code::ArtifactNotReady, message)
                .at(format!("artifacts[{index}].artifact_id"));
            return Err(error.with(json!({ "artifact_id": self.artifact_id })));
        };
        Ok(ReleaseArtifact {
            artifact_id: self.artifact_id,
            platform: self.platform,
            arch: self.arch,
            installer_type: self.installer_type,
            requires_admin: self.requires_admin,
            sha256: artifact.sha256,
            size_bytes: artifact.size_bytes,
            external_url: artifact.external_url.clone(),
        })
    }
}

fn check_metadata(metadata: Option<&Metadata>) -> Result<()> {
    let size = serde_json::to_vec(&metadata).map_err(Error::internal)?.len();
    if size <= MAX_METADATA_BYTES {
        return Ok(());
    }
    Err(Error::invalid(
        "metadata",
        format!(
            "{size} bytes of JSON; at most {MAX_METADATA_BYTES}, because it travels in every decision"
        ),
    ))
}

fn check_distinct(artifacts: &[NewReleaseArtifact]) -> Result<()> {
    let mut seen = BTreeSet::new();
    let repeated =
        artifacts.iter().position(|a| !seen.insert((a.platform, a.arch, a.installer_type)));
    repeated.map_or(Ok(()), |index| {
        let message = "a release has one artifact per platform, arch and installer_type; this one repeats them";
        Err(Error::invalid(format!("artifacts[{index}]"), message))
    })
}
