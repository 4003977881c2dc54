//! Policies: which updates an administrator allows, and what clients do with them.

mod level;
mod version_range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::level::{LevelPolicy, PolicyLevel};
pub use self::version_range::VersionRange;
use crate::product::Product;
use crate::{Channel, Error, Result, Version};

/// Limit of entries in [`Policy::blocked_versions`].
const MAX_BLOCKED_VERSIONS: usize = 100;
/// Limit of what a policy takes, in bytes of JSON: a decision reads up to four for each product.
const MAX_BYTES: usize = 8 << 10;

/// What a client does with an available update.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UpdateMode {
    /// Installs it automatically.
    #[default]
    AutoInstall,
    /// Downloads it, and waits for the user to install it.
    DownloadOnly,
    /// Notifies the user.
    NotifyOnly,
    /// Nothing: the IT department deploys updates.
    ManagedByIt,
}

/// A version that must not be installed: a single version, or a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a version, as in `1.2.3`, or a range that a version can satisfy, as in `>=1.2.0, <1.3.0`"
)]
pub enum BlockedVersion {
    /// A single version.
    Version(Version),
    /// All versions of a range.
    VersionRange(VersionRange),
}

impl BlockedVersion {
    /// The entry of a row, which was checked when it was written.
    ///
    /// # Errors
    /// What the `semver` crate refuses.
    pub fn from_stored(text: &str) -> Result<Self, semver::Error> {
        let version = Version::from_stored(text).map(Self::Version);
        version.or_else(|_| VersionRange::from_stored(text).map(Self::VersionRange))
    }

    fn blocks(&self, version: &Version) -> bool {
        match self {
            Self::Version(blocked) => blocked == version,
            Self::VersionRange(range) => range.includes(version),
        }
    }
}

impl std::fmt::Display for BlockedVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Version(version) => version.fmt(f),
            Self::VersionRange(range) => range.fmt(f),
        }
    }
}

/// The rules of one policy level. Fields that are left out are inherited from the level below: from
/// the policy of a product at a tenant to that of the product, of the tenant, and of the deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What clients do with an update. Default: inherited, and `AUTO_INSTALL` where no level says
    /// it.
    pub mode: Option<UpdateMode>,
    /// Channel that clients get, whatever they name themselves. Where the product does not have it,
    /// or nothing is live there, it counts as left out. Default: inherited, and the client's where no level says it.
    pub channel: Option<Channel>,
    /// Range of versions that may be offered. Default: inherited, and all where no level says it.
    pub pinned_range: Option<VersionRange>,
    /// Versions that are not offered, at most 100, none of them twice. They accumulate over the
    /// levels. Default: none.
    #[schemars(length(max = MAX_BLOCKED_VERSIONS))]
    pub blocked_versions: Vec<BlockedVersion>,
    /// Whether a client on a revoked or blocked version may be offered a lower one. Default:
    /// inherited, and false where no level says it.
    pub allow_downgrade: Option<bool>,
}

impl Policy {
    /// Checks the limits of a policy.
    ///
    /// # Errors
    /// `invalid_field` for too many blocked versions, one that stands twice, or too many bytes.
    pub fn check(&self) -> Result<()> {
        const FIELD: &str = "blocked_versions";
        let count = self.blocked_versions.len();
        if count > MAX_BLOCKED_VERSIONS {
            let message =
                format!("at most {MAX_BLOCKED_VERSIONS} versions and ranges, not {count}");
            return Err(Error::invalid(FIELD, message));
        }
        for (index, blocked) in self.blocked_versions.iter().enumerate() {
            let mut before = self.blocked_versions.iter().take(index);
            if let Some(first) = before.position(|one| one == blocked) {
                let message = format!("repeats {FIELD}[{first}]; name each version once");
                return Err(Error::invalid(format!("{FIELD}[{index}]"), message));
            }
        }
        let bytes = serde_json::to_vec(self).map_err(Error::internal)?.len();
        if bytes > MAX_BYTES {
            let message =
                format!("the policy takes {bytes} bytes of JSON, {MAX_BYTES} at most; use ranges");
            return Err(Error::invalid(FIELD, message));
        }
        Ok(())
    }

    /// The policy of all `levels` together, the one that goes first before the others. A channel that
    /// `product` does not have is skipped, as any is where there is no product.
    #[must_use]
    pub fn merged<'a>(
        levels: impl DoubleEndedIterator<Item = &'a Self>,
        product: Option<&Product>,
    ) -> Self {
        Self::merged_where(levels, |channel| {
            product.is_some_and(|product| product.channels.contains(channel))
        })
    }

    /// The policy of all `levels` together, without channels that `has_channel` does not have.
    #[must_use]
    pub fn merged_where<'a>(
        levels: impl DoubleEndedIterator<Item = &'a Self>,
        has_channel: impl Fn(&Channel) -> bool,
    ) -> Self {
        levels.rev().fold(Self::default(), |below, level| {
            let channel = level.channel.clone().filter(&has_channel);
            Self { channel, ..level.clone() }.inherit(below)
        })
    }

    /// This policy, with unset fields inherited from `below`.
    #[must_use]
    pub fn inherit(self, below: Self) -> Self {
        let mut blocked_versions = self.blocked_versions;
        blocked_versions.extend(below.blocked_versions);
        Self {
            mode: self.mode.or(below.mode),
            channel: self.channel.or(below.channel),
            pinned_range: self.pinned_range.or(below.pinned_range),
            blocked_versions,
            allow_downgrade: self.allow_downgrade.or(below.allow_downgrade),
        }
    }

    /// Whether `version` may be offered: in the pinned range and not blocked.
    #[must_use]
    pub fn allows(&self, version: &Version) -> bool {
        !self.blocks(version)
            && self.pinned_range.as_ref().is_none_or(|range| range.includes(version))
    }

    /// Whether `version` is blocked.
    #[must_use]
    pub fn blocks(&self, version: &Version) -> bool {
        self.blocked_versions.iter().any(|blocked| blocked.blocks(version))
    }
}
