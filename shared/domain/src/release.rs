//! Releases: one version of a product on one channel.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::artifact::{Artifact, ExternalUrl};
use crate::platform::{Arch, InstallerType, Platform};
use crate::product::Product;
use crate::rollout::Rollout;
use crate::text::{BadText, Reason, Slug};
use crate::{ArtifactId, Channel, Code, Error, ProductId, ReleaseId, Result, Sha256, Version};

/// The most artifacts that one release can have: a publish is one DynamoDB transaction of at most 100 items.
pub const MAX_ARTIFACTS: usize = 50;
/// The longest metadata of a release, in bytes of JSON: it travels in every decision.
pub const MAX_METADATA_BYTES: usize = 16 << 10;

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

/// What a vendor says about a release: any JSON object, such as release notes or a minimal system version.
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

/// One artifact of a release: which machine it is for, and a copy of what never changes about its bytes.
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

/// Names a product by its id or its slug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^(prod_)?[a-z0-9][a-z0-9-]{0,62}$"))]
pub enum ProductRef {
    /// By its id.
    Id(ProductId),
    /// By its slug.
    Slug(Slug),
}

impl TryFrom<String> for ProductRef {
    type Error = BadText;

    fn try_from(text: String) -> Result<Self, BadText> {
        if text.starts_with("prod_") { text.parse().map(Self::Id) } else { text.parse().map(Self::Slug) }
    }
}

impl std::str::FromStr for ProductRef {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        Self::try_from(text.to_owned())
    }
}

impl From<ProductRef> for String {
    fn from(name: ProductRef) -> Self {
        name.to_string()
    }
}

impl std::fmt::Display for ProductRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Slug(slug) => slug.fmt(f),
        }
    }
}

/// What release-create takes. With `artifacts` the release is published at once, unless `draft` asks to wait;
/// without them it is a draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRelease {
    /// The product's id. Give this or `product`.
    pub product_id: Option<ProductId>,
    /// The product's id or slug. Give this or `product_id`.
    pub product: Option<ProductRef>,
    /// The version.
    pub version: Version,
    /// The channel. Needed to publish; a draft goes to `stable` where it is left out.
    pub channel: Option<Channel>,
    /// What the release consists of.
    #[schemars(length(min = 1, max = MAX_ARTIFACTS))]
    pub artifacts: Option<Vec<NewReleaseArtifact>>,
    /// What there is to say about it; at most 16 KiB of JSON.
    pub metadata: Option<Metadata>,
    /// Whom it is offered to; everyone, where it is left out.
    pub rollout: Option<Rollout>,
    /// Keeps a release with artifacts as a draft until release-publish.
    #[serde(default)]
    pub draft: bool,
}

/// One artifact of a new release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReleaseArtifact {
    /// A registered or uploaded artifact.
    pub artifact_id: ArtifactId,
    /// The system it runs on.
    pub platform: Platform,
    /// The processor it runs on.
    pub arch: Arch,
    /// The form of the installer.
    pub installer_type: InstallerType,
    /// Whether installing needs an administrator.
    #[serde(default)]
    pub requires_admin: bool,
}

impl NewRelease {
    /// Which product is meant.
    ///
    /// # Errors
    /// `invalid_field` unless exactly one of `product_id` and `product` is there.
    pub fn product(&self) -> Result<ProductRef> {
        match (&self.product_id, &self.product) {
            (Some(id), None) => Ok(ProductRef::Id(id.clone())),
            (None, Some(name)) => Ok(name.clone()),
            _ => Err(Error::invalid("product_id", "give exactly one of product_id and product")),
        }
    }

    /// The ids of its artifacts, each once.
    #[must_use]
    pub fn artifact_ids(&self) -> BTreeSet<ArtifactId> {
        self.artifacts.iter().flatten().map(|artifact| artifact.artifact_id.clone()).collect()
    }

    /// Makes sure of what can be told from the request alone.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        self.product()?;
        self.rollout.map(|rollout| rollout.check("rollout.basis_points")).transpose()?;
        check_metadata(self.metadata.as_ref())?;
        let Some(artifacts) = &self.artifacts else { return Ok(()) };
        if self.channel.is_none() {
            return Err(Error::invalid("channel", "a release with artifacts needs a channel, such as `stable`"));
        }
        if !(1..=MAX_ARTIFACTS).contains(&artifacts.len()) {
            return Err(Error::invalid(
                "artifacts",
                format!("a release has 1 to {MAX_ARTIFACTS} artifacts; leave the field out to make a draft"),
            ));
        }
        check_distinct(artifacts)
    }

    /// The release as of `now`: published where it has artifacts and is not kept as a draft.
    /// `artifacts` are the stored ones among [`NewRelease::artifact_ids`].
    ///
    /// # Errors
    /// `unknown_channel`, `artifact_not_ready`, or what [`NewRelease::check`] refuses.
    pub fn create(self, now: Timestamp, id: ReleaseId, product: &Product, artifacts: &[Artifact], actor: &str) -> Result<Release> {
        self.check()?;
        let channel = self.channel.unwrap_or_default();
        product.require_channel(&channel)?;
        let publish = self.artifacts.is_some() && !self.draft;
        let artifacts =
            self.artifacts.into_iter().flatten().enumerate().map(|(index, new)| new.resolve(index, artifacts)).collect::<Result<_>>()?;
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
        let Some(artifact) = stored.iter().find(|artifact| artifact.artifact_id == self.artifact_id) else {
            let message = format!("{} is neither registered nor uploaded and verified", self.artifact_id);
            let error = Error::new(Code::ArtifactNotReady, message).at(format!("artifacts[{index}].artifact_id"));
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
    Err(Error::invalid("metadata", format!("{size} bytes of JSON; at most {MAX_METADATA_BYTES}, because it travels in every decision")))
}

fn check_distinct(artifacts: &[NewReleaseArtifact]) -> Result<()> {
    let mut seen = BTreeSet::new();
    let repeated = artifacts.iter().position(|a| !seen.insert((a.platform, a.arch, a.installer_type)));
    repeated.map_or(Ok(()), |index| {
        let message = "a release has one artifact per platform, arch and installer_type; this one repeats them";
        Err(Error::invalid(format!("artifacts[{index}]"), message))
    })
}

/// What release-revoke takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRevocation {
    /// Why; it is kept for the audit.
    pub reason: Reason,
}

/// What release-promote takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPromotion {
    /// The channel to publish the same version and bytes on.
    pub channel: Channel,
}

impl Release {
    /// The draft, published at `now`; `None` if it is published already.
    ///
    /// # Errors
    /// `stale_state` for a revoked release, `artifact_not_ready` for one without artifacts.
    pub fn published(&self, now: Timestamp) -> Result<Option<Self>> {
        match self.status {
            ReleaseStatus::Published => Ok(None),
            ReleaseStatus::Revoked => Err(self.stale("is revoked; publish another version")),
            ReleaseStatus::Draft if self.artifacts.is_empty() => {
                Err(Error::new(Code::ArtifactNotReady, format!("{} has no artifact yet", self.release_id)))
            }
            ReleaseStatus::Draft => Ok(Some(Self { status: ReleaseStatus::Published, published_at: Some(now), ..self.clone() })),
        }
    }

    /// The release, revoked at `now`; `None` if it is revoked already.
    ///
    /// # Errors
    /// `stale_state` for a draft.
    pub fn revoked(&self, now: Timestamp, by: &str, reason: Reason) -> Result<Option<Self>> {
        match self.status {
            ReleaseStatus::Draft => Err(self.stale("is a draft; delete it instead")),
            ReleaseStatus::Revoked => Ok(None),
            ReleaseStatus::Published => {
                let revocation = Revocation { revoked_at: now, revoked_by: by.to_owned(), reason };
                Ok(Some(Self { status: ReleaseStatus::Revoked, revocation: Some(revocation), ..self.clone() }))
            }
        }
    }

    /// The release with another rollout; `None` if it has that one already.
    ///
    /// # Errors
    /// `stale_state` for a revoked release, `invalid_field` for a share above 100%.
    pub fn rolled_out(&self, rollout: Rollout) -> Result<Option<Self>> {
        let rollout = rollout.check("basis_points")?;
        if self.status == ReleaseStatus::Revoked {
            return Err(self.stale("is revoked; it is offered to no one"));
        }
        Ok((self.rollout != rollout).then(|| Self { rollout, ..self.clone() }))
    }

    /// The same version and bytes on another channel, published at `now` to everyone there.
    ///
    /// # Errors
    /// `stale_state` unless it is published, `unknown_channel` where the product has no such channel,
    /// `invalid_field` for the channel it is on.
    pub fn promoted(&self, now: Timestamp, id: ReleaseId, product: &Product, to: NewPromotion, by: &str) -> Result<Self> {
        product.require_channel(&to.channel)?;
        if to.channel == self.channel {
            return Err(Error::invalid("channel", format!("{} is on `{}` already", self.release_id, self.channel)));
        }
        if self.status != ReleaseStatus::Published {
            return Err(self.stale("is not published; only what clients get on one channel can be promoted to another"));
        }
        Ok(Self {
            release_id: id,
            channel: to.channel,
            rollout: Rollout::default(),
            created_at: now,
            created_by: by.to_owned(),
            published_at: Some(now),
            promoted_from: Some(self.release_id.clone()),
            ..self.clone()
        })
    }

    /// Makes sure that the release may be deleted.
    ///
    /// # Errors
    /// `stale_state` for anything but a draft.
    pub fn require_draft(&self) -> Result<()> {
        if self.status == ReleaseStatus::Draft { Ok(()) } else { Err(self.stale("is not a draft; revoke it instead")) }
    }

    fn stale(&self, why: &str) -> Error {
        Error::new(Code::StaleState, format!("{} {why}", self.release_id)).with(json!({ "status": self.status }))
    }

    /// What `self`, as asked for now, and `existing`, which has its place, differ in; `None` where a repeated request
    /// asks for what is there. The rollout does not count: it is changed after publishing.
    #[must_use]
    pub fn difference(&self, existing: &Self) -> Option<Error> {
        let mut differences = Map::new();
        let mut compare = |field: &str, asked: Value, stands: Value| {
            if asked != stands {
                differences.insert(field.to_owned(), json!({ "requested": asked, "existing": stands }));
            }
        };
        compare("version", json!(self.version), json!(existing.version));
        compare("status", json!(self.status), json!(existing.status));
        compare("metadata", json!(self.metadata), json!(existing.metadata));
        compare("artifacts", self.sorted_artifacts(), existing.sorted_artifacts());
        if differences.is_empty() {
            return None;
        }
        let message = format!(
            "version {} of {} exists on `{}` as {} with other content; details has the differences",
            existing.version, existing.product_id, existing.channel, existing.release_id
        );
        let details = json!({ "release_id": existing.release_id, "differences": differences });
        Some(Error::new(Code::ReleaseExists, message).at("version").with(details))
    }

    fn sorted_artifacts(&self) -> Value {
        let mut artifacts: Vec<_> = self.artifacts.iter().collect();
        artifacts.sort_by_key(|a| (a.platform, a.arch, a.installer_type));
        json!(artifacts)
    }
}
