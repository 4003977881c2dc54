//! Channel overviews: what is live on a channel, on one screen.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::page::Listed;
use crate::release::{Halting, Release, ReleaseChange, Revocation, UpgradePath};
use crate::rollout::StagedRollout;
use crate::{Channel, ProductId, ReleaseId, Version};

/// What is live on a channel of a product.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ChannelOverview {
    /// Id of the product.
    pub product_id: ProductId,
    /// Name of the channel.
    pub channel: Channel,
    /// The channels that it follows, of which its clients are offered releases as well: the highest
    /// version of this channel and of those. Mostly none.
    pub follows: BTreeSet<Channel>,
    /// Number of live (published) releases of the channel itself.
    pub live: u64,
    /// The channel's own live release with the highest version; null if nothing is live.
    pub newest: Option<NewestRelease>,
    /// The channel's own highest live release that is rolled out to all clients: what those get
    /// that are not offered the newest one, unless a channel that it follows has a higher one. The
    /// newest one itself, once all clients get it; null if there is none.
    pub rolled_out: Option<RolledOutRelease>,
    /// The release that was revoked last; null if none was since the channel's head keeps it, and
    /// for credentials that are bound to a tenant.
    pub last_revoked: Option<RevokedRelease>,
}

impl Listed for ChannelOverview {
    const MEMBER: &'static str = "channels";
}

/// The newest live release of a channel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NewestRelease {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// SemVer version.
    pub version: Version,
    /// Staged rollout: the share of clients that are offered the release, and the steps that are to
    /// come.
    pub rollout: StagedRollout,
    /// Whether clients may skip the release, and what they must have installed before it.
    #[serde(flatten)]
    pub upgrade_path: UpgradePath,
    /// When the rollout pauses by itself, and that it has: null for credentials that are bound to a
    /// tenant.
    #[serde(flatten)]
    pub halting: Halting,
    /// Time of publication, RFC 3339, UTC; null if it is not known.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub published_at: Option<Timestamp>,
    /// Actor that published the release, as the audit log names it; null if it is not known, and for
    /// credentials that are bound to a tenant.
    pub published_by: Option<String>,
    /// The last change of the release, as release-history has it; null if there is no history of it,
    /// and for credentials that are bound to a tenant.
    pub last_change: Option<ReleaseChange>,
}

/// The newest release of a channel that is rolled out to all clients.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RolledOutRelease {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// SemVer version.
    pub version: Version,
    /// Time of publication, RFC 3339, UTC; null if it is not known.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub published_at: Option<Timestamp>,
}

/// The release of a channel that was revoked last.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RevokedRelease {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// SemVer version.
    pub version: Version,
    /// Time, actor and reason of the revocation.
    #[serde(flatten)]
    pub revocation: Revocation,
}

impl From<&Release> for NewestRelease {
    /// What everybody may know of it who knows of the release.
    fn from(release: &Release) -> Self {
        Self {
            release_id: release.release_id.clone(),
            version: release.version.clone(),
            rollout: release.rollout.clone(),
            upgrade_path: release.upgrade_path.clone(),
            halting: Halting::default(),
            published_at: release.published_at,
            published_by: None,
            last_change: None,
        }
    }
}

impl NewestRelease {
    /// The same with what halts it, who published it, and what was done to it last.
    #[must_use]
    pub fn with_actors(self, release: &Release, last_change: Option<ReleaseChange>) -> Self {
        let published_by = release.publisher().map(str::to_owned);
        Self { halting: release.halting.clone(), published_by, last_change, ..self }
    }
}

impl From<&Release> for RolledOutRelease {
    fn from(release: &Release) -> Self {
        Self {
            release_id: release.release_id.clone(),
            version: release.version.clone(),
            published_at: release.published_at,
        }
    }
}

impl RevokedRelease {
    /// `release`, if it is revoked.
    #[must_use]
    pub fn of(release: &Release) -> Option<Self> {
        Some(Self {
            release_id: release.release_id.clone(),
            version: release.version.clone(),
            revocation: release.revocation.clone()?,
        })
    }
}
