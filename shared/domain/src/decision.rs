//! Decisions: what an installed client should do. Pure: the same inputs give the same answer.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel_head::{ChannelHead, LiveRelease};
use crate::platform::{Arch, InstallerType, Platform};
use crate::policy::{Policy, UpdateMode};
use crate::product::Product;
use crate::release::{Metadata, ReleaseArtifact};
use crate::tenant::Tenant;
use crate::{ArtifactId, Channel, Error, ProductId, ReleaseId, Result, Sha256, TenantId, Version};

/// The most products that one request can ask about.
pub const MAX_PRODUCTS: usize = 100;

/// How long a client may act on an answer without asking again.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// What decision takes. Fields that this server does not know are ignored: clients in the field
/// outlive servers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecisionRequest {
    /// The installed products, 1 to 100.
    #[schemars(length(min = 1, max = MAX_PRODUCTS))]
    pub products: Vec<InstalledProduct>,
    /// Up to 128 characters that the answer repeats under its signature, against replays.
    #[schemars(length(max = 128))]
    pub nonce: Option<String>,
}

impl DecisionRequest {
    /// Makes sure of the limits.
    ///
    /// # Errors
    /// `invalid_field` for too few or too many products, or a nonce that is too long.
    pub fn check(&self) -> Result<()> {
        if !(1..=MAX_PRODUCTS).contains(&self.products.len()) {
            return Err(Error::invalid(
                "products",
                format!("1 to {MAX_PRODUCTS} products, not {}", self.products.len()),
            ));
        }
        if self.nonce.as_ref().is_some_and(|nonce| nonce.chars().count() > 128) {
            return Err(Error::invalid("nonce", "at most 128 characters"));
        }
        Ok(())
    }
}

/// One installed product. A value that is no id, version or channel spoils this product's decision
/// only, so these are plain texts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct InstalledProduct {
    /// The product.
    pub product_id: String,
    /// The installed version.
    pub current_version: String,
    /// The channel; where it is left out the policy's, else `stable`.
    pub channel: Option<String>,
    /// The tenant that the client belongs to.
    pub tenant_id: Option<String>,
    /// The client's system. Artifacts for others are left out.
    pub platform: Option<String>,
    /// The client's processor. Artifacts for others are left out.
    pub arch: Option<String>,
    /// A stable name of the client: it decides the client's place in staged rollouts.
    pub client_id: Option<String>,
}

/// What a client should do about one product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The product, as asked.
    pub product_id: String,
    /// The channel that was looked at.
    pub channel: String,
    /// The installed version, as asked.
    pub current_version: String,
    /// What to do.
    pub action: Action,
    /// Why.
    pub reason: DecisionReason,
    /// The mode that is in force.
    pub mode: UpdateMode,
    /// The release that this is about.
    #[serde(flatten)]
    pub offer: Option<Offer>,
}

/// The release that a decision is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// Its version.
    pub version: Version,
    /// Its id.
    pub release_id: ReleaseId,
    /// When it was published.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub published_at: Option<Timestamp>,
    /// What its vendor says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Its artifacts for the client's machine.
    pub artifacts: Vec<OfferedArtifact>,
}

/// An artifact, and where to get it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfferedArtifact {
    /// What it is.
    #[serde(flatten)]
    pub artifact: ArtifactFacts,
    /// Where it is.
    #[schemars(extend("format" = "uri"))]
    pub download_url: String,
}

/// What a client needs to know about an artifact before it downloads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactFacts {
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
    /// Digest of its bytes: the client checks it.
    pub sha256: Sha256,
    /// Its length.
    pub size_bytes: u64,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// Download and install.
    Install,
    /// Download, do not install.
    Download,
    /// Tell the user.
    Notify,
    /// Nothing.
    None,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DecisionReason")]
pub enum DecisionReason {
    /// A higher version is there.
    UpdateAvailable,
    /// The installed version is withdrawn, and policy sends the client to a lower one.
    DowngradeAvailable,
    /// A version is there that the IT department deploys.
    ManagedByIt,
    /// Nothing higher is there.
    UpToDate,
    /// A higher version is there, but the rollout has not reached this client.
    HeldBack,
    /// Higher versions are there, and policy blocks them.
    BlockedByPolicy,
    /// Higher versions are there, but none for this machine.
    NoMatchingArtifact,
    /// Nothing is released on the channel.
    NoRelease,
    /// The installed version is withdrawn, and nothing may replace it.
    CurrentVersionRevoked,
    /// There is no such product.
    UnknownProduct,
    /// There is no such tenant, or it is suspended.
    UnknownTenant,
    /// The tenant may not have the product.
    NotEntitled,
    /// `current_version` is not a SemVer 2.0.0 version.
    InvalidVersion,
    /// `channel` is not a channel.
    InvalidChannel,
}

/// An installed product whose texts were read.
#[derive(Debug, Clone)]
pub struct UpdateCheck {
    /// The product that is asked about; `None` where no product can have that id.
    pub product_id: Option<ProductId>,
    /// The tenant of the client, where it names one; `Err` where no tenant can have that id.
    pub tenant_id: Option<Result<TenantId, ()>>,
    channel: Result<Option<Channel>, ()>,
    current: Option<Version>,
    asked: InstalledProduct,
}

impl From<InstalledProduct> for UpdateCheck {
    fn from(asked: InstalledProduct) -> Self {
        Self {
            product_id: asked.product_id.parse().ok(),
            tenant_id: asked.tenant_id.as_ref().map(|id| id.parse().map_err(|_| ())),
            channel: asked
                .channel
                .as_ref()
                .map(|channel| channel.parse().map_err(|_| ()))
                .transpose(),
            current: asked.current_version.parse().ok(),
            asked,
        }
    }
}

/// What is known about what a question names.
#[derive(Debug, Clone, Copy)]
pub struct DecisionInputs<'a> {
    /// The product.
    pub product: Option<&'a Product>,
    /// The tenant.
    pub tenant: Option<&'a Tenant>,
    /// The head of the product on [`UpdateCheck::channel`].
    pub head: Option<&'a ChannelHead>,
    /// The policies of all levels, merged.
    pub policy: &'a Policy,
}

impl UpdateCheck {
    /// The channel to look at: the client's, else the policy's, else `stable`. `None` where the
    /// client's is not one.
    #[must_use]
    pub fn channel(&self, policy: &Policy) -> Option<Channel> {
        let asked = self.channel.clone().ok()?;
        Some(asked.or_else(|| policy.channel.clone()).unwrap_or_default())
    }

    /// What the client should do. `locate` tells where an artifact is.
    #[must_use]
    pub fn decide(
        &self,
        known: DecisionInputs<'_>,
        locate: impl Fn(&ReleaseArtifact) -> String,
    ) -> Decision {
        let mode = known.policy.mode.unwrap_or_default();
        let (reason, release) = self.choose(known);
        let action = match (release, mode) {
            (None, _) | (_, UpdateMode::ManagedByIt) => Action::None,
            (Some(_), UpdateMode::AutoInstall) => Action::Install,
            (Some(_), UpdateMode::DownloadOnly) => Action::Download,
            (Some(_), UpdateMode::NotifyOnly) => Action::Notify,
        };
        let reason = if release.is_some() && mode == UpdateMode::ManagedByIt {
            DecisionReason::ManagedByIt
        } else {
            reason
        };
        let asked_channel = || self.asked.channel.clone().unwrap_or_default();
        Decision {
            product_id: self.asked.product_id.clone(),
            channel: self
                .channel(known.policy)
                .map_or_else(asked_channel, |channel| channel.to_string()),
            current_version: self.asked.current_version.clone(),
            action,
            reason,
            mode,
            offer: release.map(|release| self.offer(release, locate)),
        }
    }

    fn choose<'a>(&self, known: DecisionInputs<'a>) -> (DecisionReason, Option<&'a LiveRelease>) {
        let current = match self.admit(known) {
            Ok(current) => current,
            Err(reason) => return (reason, None),
        };
        let Some(head) = known.head else { return (DecisionReason::NoRelease, None) };
        let candidates =
            || head.live.iter().filter(|live| self.obstacle(live, known.policy).is_none());
        // Live releases are in falling order: the first candidate is the highest.
        if let Some(best) = candidates().next().filter(|live| live.version > *current) {
            return (DecisionReason::UpdateAvailable, Some(best));
        }
        if head.revoked.contains(current) || known.policy.blocks(current) {
            let below = candidates().find(|live| live.version < *current);
            let downgrade = below.filter(|_| known.policy.allow_downgrade.unwrap_or(false));
            return downgrade.map_or((DecisionReason::CurrentVersionRevoked, None), |live| {
                (DecisionReason::DowngradeAvailable, Some(live))
            });
        }
        let obstacle = head
            .live
            .iter()
            .filter(|live| live.version > *current)
            .find_map(|live| self.obstacle(live, known.policy));
        let nothing =
            if head.live.is_empty() { DecisionReason::NoRelease } else { DecisionReason::UpToDate };
        (obstacle.unwrap_or(nothing), None)
    }

    /// The installed version, if what the question names exists and belongs together.
    fn admit(&self, known: DecisionInputs<'_>) -> Result<&Version, DecisionReason> {
        let product = known.product.ok_or(DecisionReason::UnknownProduct)?;
        if self.tenant_id.is_some() {
            let tenant = known
                .tenant
                .filter(|tenant| !tenant.suspended)
                .ok_or(DecisionReason::UnknownTenant)?;
            tenant
                .products
                .includes(&product.product_id)
                .then_some(())
                .ok_or(DecisionReason::NotEntitled)?;
        }
        self.channel.as_ref().map_err(|()| DecisionReason::InvalidChannel)?;
        self.current.as_ref().ok_or(DecisionReason::InvalidVersion)
    }

    /// Why `live` is not for this client.
    fn obstacle(&self, live: &LiveRelease, policy: &Policy) -> Option<DecisionReason> {
        if !policy.allows(&live.version) {
            Some(DecisionReason::BlockedByPolicy)
        } else if !live.artifacts.iter().any(|artifact| self.fits(artifact)) {
            Some(DecisionReason::NoMatchingArtifact)
        } else if !live.rollout.admits(&live.release_id, self.asked.client_id.as_deref()) {
            Some(DecisionReason::HeldBack)
        } else {
            None
        }
    }

    /// Whether `artifact` runs on the client's machine, as far as the client described it.
    fn fits(&self, artifact: &ReleaseArtifact) -> bool {
        accepts(self.asked.platform.as_ref(), |platform: Platform| platform == artifact.platform)
            && accepts(self.asked.arch.as_ref(), |arch| artifact.arch.runs_on(arch))
    }

    fn offer(&self, live: &LiveRelease, locate: impl Fn(&ReleaseArtifact) -> String) -> Offer {
        let artifacts = live.artifacts.iter().filter(|artifact| self.fits(artifact));
        Offer {
            version: live.version.clone(),
            release_id: live.release_id.clone(),
            published_at: live.published_at,
            metadata: live.metadata.clone(),
            artifacts: artifacts
                .map(|artifact| OfferedArtifact {
                    artifact: artifact.into(),
                    download_url: locate(artifact),
                })
                .collect(),
        }
    }
}

/// Whether `text` names something that `fits`. Nothing said fits anything; a name that this server
/// does not know fits nothing.
fn accepts<T: serde::de::DeserializeOwned>(
    text: Option<&String>,
    fits: impl Fn(T) -> bool,
) -> bool {
    text.is_none_or(|text| {
        serde_json::from_value(serde_json::Value::String(text.clone())).is_ok_and(fits)
    })
}

impl From<&ReleaseArtifact> for ArtifactFacts {
    fn from(artifact: &ReleaseArtifact) -> Self {
        Self {
            artifact_id: artifact.artifact_id.clone(),
            platform: artifact.platform,
            arch: artifact.arch,
            installer_type: artifact.installer_type,
            requires_admin: artifact.requires_admin,
            sha256: artifact.sha256,
            size_bytes: artifact.size_bytes,
        }
    }
}
