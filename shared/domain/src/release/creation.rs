//! Creating a release: the request, and its validation.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::new_artifacts::{MAX_ARTIFACTS, NewReleaseArtifact, check_artifacts, resolve_artifacts};
use super::prerelease::refuse_prerelease;
use super::{HaltRule, Halting, Release, ReleaseStatus, UpgradePath};
use crate::artifact::Artifact;
use crate::metadata::TypedMetadata;
use crate::product::{NamedProduct, Product, ProductRef};
use crate::rollout::{NewRollout, StagedRollout};
use crate::text::Name;
use crate::{
    ArtifactId, Channel, Error, Metadata, Principal, ProductId, ReleaseId, Result, Version,
};

/// Request body of release-create. With `artifacts` the release is published immediately, unless
/// `draft` is set; without them it is created as a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRelease {
    /// Id of the product. Exactly one of `product_id` and `product` is required.
    pub product_id: Option<ProductId>,
    /// Id, slug or display name of the product. Exactly one of `product_id` and `product` is
    /// required.
    pub product: Option<Name>,
    /// SemVer version, unique within product and channel.
    pub version: Version,
    /// Channel. Required with `artifacts`. Default for a draft: `stable`.
    pub channel: Option<Channel>,
    /// Artifacts of the release, 1 to 50. Default: none, which creates a draft.
    #[schemars(length(min = 1, max = MAX_ARTIFACTS))]
    pub artifacts: Option<Vec<NewReleaseArtifact>>,
    /// Metadata to pass on to clients. Default: none.
    #[schemars(with = "Option<TypedMetadata>")]
    pub metadata: Option<Metadata>,
    /// Staged rollout. Default: all clients.
    pub rollout: Option<NewRollout>,
    /// When the rollout pauses by itself, because clients report failures with decision-outcome.
    /// Default: never.
    pub halt_on: Option<HaltRule>,
    /// Whether it is a stepping stone: clients below it are offered it before anything newer.
    /// Default: false.
    #[serde(default)]
    pub required: bool,
    /// The lowest version that a client must have installed to be offered the release; below
    /// `version`. Default: any.
    pub min_current_version: Option<Version>,
    /// Whether to keep a release with artifacts as a draft until release-publish. Default: false.
    #[serde(default)]
    pub draft: bool,
    /// Whether to let a prerelease on `stable` although the product does not allow it there.
    /// Default: false.
    #[serde(default)]
    pub allow_prerelease: bool,
}

impl NewRelease {
    /// The product that the request refers to.
    ///
    /// # Errors
    /// `invalid_field` unless exactly one of `product_id` and `product` is given.
    pub fn product(&self) -> Result<NamedProduct> {
        match (&self.product_id, &self.product) {
            (Some(id), None) => Ok(NamedProduct::Ref(ProductRef::Id(id.clone()))),
            (None, Some(name)) => Ok(NamedProduct::of(name)),
            _ => Err(Error::invalid("product_id", "give exactly one of product_id and product")),
        }
    }

    /// Whether the release is published at once.
    #[must_use]
    pub fn publishes(&self) -> bool {
        self.artifacts.is_some() && !self.draft
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
        self.planned_rollout()?;
        self.metadata.as_ref().map(Metadata::check).transpose()?;
        self.upgrade_path()?;
        let Some(artifacts) = &self.artifacts else { return Ok(()) };
        if self.channel.is_none() {
            return Err(Error::invalid(
                "channel",
                "a release with artifacts needs a channel, such as `stable`",
            ));
        }
        check_artifacts(artifacts)
    }

    fn upgrade_path(&self) -> Result<UpgradePath> {
        let (required, min_current_version) = (self.required, self.min_current_version.clone());
        UpgradePath { required, min_current_version }.to(&self.version)
    }

    /// The rollout that it asks for: without one, all clients.
    fn planned_rollout(&self) -> Result<StagedRollout> {
        let rollout = self.rollout.as_ref().map(|rollout| rollout.planned("rollout"));
        rollout.transpose().map(Option::unwrap_or_default)
    }

    /// The release as of `now`: published if it has artifacts and `draft` is not set. `artifacts`
    /// are the stored ones among [`NewRelease::artifact_ids`].
    ///
    /// # Errors
    /// `unknown_channel`, or `invalid_field` for one channel more than a product can have;
    /// `prerelease_not_allowed`, `artifact_not_ready`, or those of
    /// [`NewRelease::check`].
    pub fn create(
        self,
        now: Timestamp,
        id: ReleaseId,
        product: &Product,
        artifacts: &[Artifact],
        caller: &Principal,
    ) -> Result<Release> {
        self.check()?;
        let (upgrade_path, rollout) = (self.upgrade_path()?, self.planned_rollout()?);
        let publish = self.publishes();
        let channel = self.channel.unwrap_or_default();
        product.require_channel_or_room(&channel)?;
        if !self.allow_prerelease && !product.allows_prereleases_on(&channel) {
            refuse_prerelease(&self.version, &channel)?;
        }
        let artifacts = resolve_artifacts(self.artifacts.unwrap_or_default(), artifacts, caller)?;
        Ok(Release {
            release_id: id,
            product_id: product.product_id.clone(),
            version: self.version,
            channel,
            status: if publish { ReleaseStatus::Published } else { ReleaseStatus::Draft },
            artifacts,
            metadata: self.metadata,
            rollout: if publish { rollout.started(now) } else { rollout },
            upgrade_path,
            halting: Halting::new(self.halt_on),
            created_at: now,
            created_by: caller.actor().to_owned(),
            published_at: publish.then_some(now),
            published_by: None,
            promoted_from: None,
            revocation: None,
        })
    }
}
