//! Update decisions: what an installed client should do. Pure: equal inputs give equal decisions.

mod artifact_facts;
mod candidate;
mod explanation;
mod lookup;
mod machine;
mod request;
mod response;
mod room;
mod search;
mod search_all;
mod stepping_stone;
mod trace;

use std::str::FromStr;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::explanation::{Explanation, PolicyContribution, UnderstoodClient};
pub use self::lookup::{Lookup, LookupResults, VersionSpan};
pub(crate) use self::request::text_member;
pub use self::request::{DecisionRequest, InstalledProduct, MAX_PRODUCTS};
pub use self::response::{DecisionResponse, LIFETIME};
pub use self::room::{DecisionList, MAX_OFFER_BYTES};
pub use self::trace::{ConsideredRule, MAX_OLDER, OlderRelease, Recorded, Rule, RuleResult, Trace};
use crate::channel_head::{ChannelHead, LiveRelease};
use crate::metadata::InstalledOs;
use crate::platform::{Arch, InstallerType, Platform};
use crate::policy::{Policy, UpdateMode};
use crate::product::Product;
use crate::release::ReleaseArtifact;
use crate::tenant::Tenant;
use crate::{
    ArtifactId, Channel, Metadata, ProductId, ReleaseId, Result, Sha256, TenantId, Version,
};

/// What a client should do about one product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Id of the product, as requested.
    pub product_id: String,
    /// Channel that the decision is based on: the policies', else the requested one, else `stable`.
    pub channel: String,
    /// Installed version, as requested.
    pub current_version: String,
    /// What the client should do.
    pub action: Action,
    /// Why.
    pub reason: DecisionReason,
    /// Update mode that the policies determine.
    pub mode: UpdateMode,
    /// The offered release; its fields are absent if none is offered.
    #[serde(flatten)]
    pub offer: Option<Offer>,
}

/// The release that a decision offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// Version of the offered release; absent if none is offered.
    pub version: Version,
    /// Id of the offered release.
    pub release_id: ReleaseId,
    /// Time of its publication, RFC 3339, UTC.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub published_at: Option<Timestamp>,
    /// Metadata that the vendor attached to the release; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Whether the response had no room for large members of the metadata, which are left out: see
    /// docs/API-DESIGN.md. Absent, which is false, where the metadata is whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub metadata_truncated: bool,
    /// Its artifacts for the client's platform and architecture. Where it has none, and the product
    /// allows emulation, those that the client's operating system emulates.
    pub artifacts: Vec<OfferedArtifact>,
}

/// An artifact with its download URL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfferedArtifact {
    /// Description of the artifact.
    #[serde(flatten)]
    pub artifact: ArtifactFacts,
    /// Download URL.
    #[schemars(extend("format" = "uri"))]
    pub download_url: String,
}

/// Description of an artifact: what a client needs to choose, download and verify it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactFacts {
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
    /// SHA-256 digest of the bytes. Clients must verify it.
    pub sha256: Sha256,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// What a client should do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// Download and install the offered release.
    Install,
    /// Download the offered release, but do not install it.
    Download,
    /// Notify the user of the offered release.
    Notify,
    /// Do nothing.
    None,
}

/// Why a decision is as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DecisionReason")]
pub enum DecisionReason {
    /// A higher version is available.
    UpdateAvailable,
    /// The installed version is revoked or blocked, and policy allows a downgrade to the offered
    /// version.
    DowngradeAvailable,
    /// A higher version is available, but the IT department deploys it.
    ManagedByIt,
    /// No higher version is available.
    UpToDate,
    /// A higher version is available, but its rollout is paused or does not include this client.
    HeldBack,
    /// Higher versions are available, but policy blocks them.
    BlockedByPolicy,
    /// Higher versions are available, but none has an artifact for this platform and architecture.
    NoMatchingArtifact,
    /// Higher versions are available, but they need a newer operating system than `os_version`.
    OsTooOld,
    /// Higher versions are available, but `current_version` is below their `min_current_version`.
    CurrentVersionTooOld,
    /// Neither the channel nor one that it follows has a live release.
    NoRelease,
    /// The installed version is revoked or blocked, and there is no version that may replace it.
    CurrentVersionRevoked,
    /// The product does not exist.
    UnknownProduct,
    /// The tenant does not exist or is suspended.
    UnknownTenant,
    /// The tenant is not entitled to the product.
    NotEntitled,
    /// `current_version` is neither a SemVer 2.0.0 version, with or without a `v` in front, nor four
    /// numbers.
    InvalidVersion,
    /// `channel` is not a valid channel name, and no policy names one.
    InvalidChannel,
    /// `platform` is neither a platform nor an alias of one.
    UnknownPlatform,
    /// `arch` is neither an architecture nor an alias of one.
    UnknownArch,
    /// `os_version` does not begin with a number, or with a platform and a number.
    InvalidOsVersion,
    /// The response has no room left for the offer, not even without the large members of its
    /// metadata. Ask again for this product, with fewer products.
    Deferred,
}

/// An installed product with its fields parsed.
#[derive(Debug, Clone)]
pub struct UpdateCheck {
    /// Id of the product; `None` if the requested one is malformed.
    pub product_id: Option<ProductId>,
    /// Tenant of the client: `None` if it names none, `Some(Err)` if the id is malformed.
    pub tenant_id: Option<Result<TenantId, ()>>,
    channel: Result<Option<Channel>, ()>,
    platform: Result<Option<Platform>, ()>,
    arch: Result<Option<Arch>, ()>,
    os: Result<Option<InstalledOs>, ()>,
    current: Option<Version>,
    asked: InstalledProduct,
}

impl From<InstalledProduct> for UpdateCheck {
    fn from(mut asked: InstalledProduct) -> Self {
        // Many clients with the same blank id are no client of that id: they would all have one
        // place in a rollout.
        asked.client_id = asked.client_id.filter(|id| !id.trim().is_empty());
        let platform: Result<Option<Platform>, ()> = parse(asked.platform.as_ref());
        let os =
            |version: &String| InstalledOs::reported(platform.ok().flatten(), version).ok_or(());
        Self {
            product_id: asked.product_id.parse().ok(),
            tenant_id: asked.tenant_id.as_ref().map(|id| id.parse().map_err(|_| ())),
            channel: parse(asked.channel.as_ref()),
            platform,
            arch: parse(asked.arch.as_ref()),
            os: asked.os_version.as_ref().map(os).transpose(),
            current: Version::from_installed(&asked.current_version),
            asked,
        }
    }
}

/// What the catalog has about the product, tenant and channel of an [`UpdateCheck`].
#[derive(Debug, Clone, Copy)]
pub struct DecisionInputs<'a> {
    /// The product; `None` if it does not exist.
    pub product: Option<&'a Product>,
    /// The tenant; `None` if it does not exist or the client names none.
    pub tenant: Option<&'a Tenant>,
    /// The heads of the product's channel [`UpdateCheck::channel`] and of those that it follows, in
    /// the order of [`Product::offered_channels`]; without those on which nothing was ever published.
    pub heads: &'a [&'a ChannelHead],
    /// The effective policy: those of all levels, merged by [`Policy::merged`].
    pub policy: &'a Policy,
    /// The releases that were looked up for this check.
    pub lookups: &'a LookupResults,
    /// Records what is considered; `None` if nobody asks.
    pub trace: Option<&'a Trace>,
}

impl UpdateCheck {
    /// The channel to check: the policy's, else the client's, else `stable`. `None` if the client's
    /// is malformed and the policy has none.
    #[must_use]
    pub fn channel(&self, policy: &Policy) -> Option<Channel> {
        if let Some(channel) = &policy.channel {
            return Some(channel.clone());
        }
        self.channel.clone().ok().map(Option::unwrap_or_default)
    }

    /// Decides what the client should do. `locate` returns the download URL of an artifact.
    ///
    /// # Errors
    /// What has to be looked up first; the decision is made once `known.lookups` has it.
    pub fn decide(
        &self,
        known: DecisionInputs<'_>,
        locate: impl Fn(&ReleaseArtifact) -> String,
    ) -> Result<Decision, Lookup> {
        let mode = known.policy.mode.unwrap_or_default();
        known.restart();
        let (reason, release) = self.choose(known)?;
        let action = match (&release, mode) {
            (None, _) | (_, UpdateMode::ManagedByIt) => Action::None,
            (Some(_), UpdateMode::AutoInstall) => Action::Install,
            (Some(_), UpdateMode::DownloadOnly) => Action::Download,
            (Some(_), UpdateMode::NotifyOnly) => Action::Notify,
        };
        let reason = if release.is_some() && mode == UpdateMode::ManagedByIt {
            known.note(|| ConsideredRule::decided(Rule::Mode, DecisionReason::ManagedByIt));
            DecisionReason::ManagedByIt
        } else {
            known.note(|| ConsideredRule::new(Rule::Mode, RuleResult::Passed));
            reason
        };
        let offer = release.map(|release| self.offer(&release, known.product, locate));
        Ok(Decision { action, reason, offer, ..self.deferred(known.policy) })
    }

    /// Id of the client installation; `None` if it names none.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.asked.client_id.as_deref()
    }

    /// The decision of a response that has no room for its offer, or no time to look for it.
    #[must_use]
    pub fn deferred(&self, policy: &Policy) -> Decision {
        let asked_channel = || self.asked.channel.clone().unwrap_or_default();
        Decision {
            product_id: self.asked.product_id.clone(),
            channel: self.channel(policy).map_or_else(asked_channel, |channel| channel.to_string()),
            current_version: self.asked.current_version.clone(),
            action: Action::None,
            reason: DecisionReason::Deferred,
            mode: policy.mode.unwrap_or_default(),
            offer: None,
        }
    }

    /// The same for a decision whose budget of look-ups is spent, recorded as the rule that
    /// decides.
    #[must_use]
    pub fn over_budget(&self, known: DecisionInputs<'_>) -> Decision {
        let reason = DecisionReason::Deferred;
        known.note(|| ConsideredRule::decided(Rule::LookupBudget, reason));
        self.deferred(known.policy)
    }

    /// The installed version, if product, tenant, entitlement, channel, machine and version are
    /// valid.
    fn validate(&self, known: DecisionInputs<'_>) -> Result<&Version, DecisionReason> {
        let product = known.product.ok_or(DecisionReason::UnknownProduct);
        let product = known.checked(Rule::Product, product)?;
        if self.tenant_id.is_some() {
            let tenant = known.tenant.filter(|tenant| !tenant.suspended);
            let tenant = tenant.ok_or(DecisionReason::UnknownTenant);
            let tenant = known.checked(Rule::Tenant, tenant)?;
            let is_entitled = tenant.products.includes(&product.product_id);
            let entitled = is_entitled.then_some(()).ok_or(DecisionReason::NotEntitled);
            known.checked(Rule::Entitlement, entitled)?;
        } else {
            known.note(|| ConsideredRule::new(Rule::Tenant, RuleResult::NotApplicable));
        }
        let channel = self.channel(known.policy).ok_or(DecisionReason::InvalidChannel);
        known.checked(Rule::Channel, channel)?;
        let current = self.current.as_ref().ok_or(DecisionReason::InvalidVersion);
        let current = known.checked(Rule::CurrentVersion, current)?;
        let platform = self.platform.map_err(|()| DecisionReason::UnknownPlatform);
        known.checked(Rule::Platform, platform)?;
        known.checked(Rule::Arch, self.arch.map_err(|()| DecisionReason::UnknownArch))?;
        known.checked(Rule::OsVersion, self.os.map_err(|()| DecisionReason::InvalidOsVersion))?;
        Ok(current)
    }

    fn offer(
        &self,
        live: &LiveRelease,
        product: Option<&Product>,
        locate: impl Fn(&ReleaseArtifact) -> String,
    ) -> Offer {
        Offer {
            version: live.version.clone(),
            release_id: live.release_id.clone(),
            published_at: live.published_at,
            metadata: live.metadata.as_ref().and_then(Metadata::signable),
            metadata_truncated: false,
            artifacts: self
                .offered(&live.artifacts, product)
                .into_iter()
                .map(|artifact| OfferedArtifact {
                    artifact: artifact.into(),
                    download_url: locate(artifact),
                })
                .collect(),
        }
    }
}

/// What a text says; `None` for no text, an error for one that says nothing.
fn parse<T: FromStr>(text: Option<&String>) -> Result<Option<T>, ()> {
    text.map(|text| text.parse().map_err(|_| ())).transpose()
}
