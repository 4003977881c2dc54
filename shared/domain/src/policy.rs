//! Policies: what an administrator lets clients do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::TextError;
use crate::{Channel, Version};

/// What a client does with an update.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UpdateMode {
    /// Installs it.
    #[default]
    AutoInstall,
    /// Downloads it and waits.
    DownloadOnly,
    /// Tells the user.
    NotifyOnly,
    /// Leaves it to the IT department.
    ManagedByIt,
}

/// A SemVer range: comparators joined by commas, as in `>=1.2.0, <2.0.0`, with the meaning that
/// Cargo gives them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct VersionRange(semver::VersionReq);

impl VersionRange {
    /// Whether `version` is in the range.
    #[must_use]
    pub fn includes(&self, version: &Version) -> bool {
        self.0.matches(version.as_semver())
    }
}

impl TryFrom<String> for VersionRange {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        let rule = "comparators joined by commas, as in `>=1.2.0, <2.0.0`";
        semver::VersionReq::parse(&text)
            .map(Self)
            .map_err(|_| TextError::new(&text, "a version range", rule))
    }
}

impl From<VersionRange> for String {
    fn from(range: VersionRange) -> Self {
        range.0.to_string()
    }
}

/// A version that must not be installed: one version, or every version in a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a version, as in `1.2.3`, or a range, as in `>=1.2.0, <1.3.0`"
)]
pub enum BlockedVersion {
    /// One version.
    Version(Version),
    /// A range of versions.
    VersionRange(VersionRange),
}

impl BlockedVersion {
    fn blocks(&self, version: &Version) -> bool {
        match self {
            Self::Version(blocked) => blocked == version,
            Self::VersionRange(range) => range.includes(version),
        }
    }
}

/// The rules of one level. A field that is left out is taken from the level below.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What a client does with an update.
    pub mode: Option<UpdateMode>,
    /// The channel for clients that name none.
    pub channel: Option<Channel>,
    /// Versions outside are not offered.
    pub pinned_range: Option<VersionRange>,
    /// Versions that are not offered. They accumulate over the levels.
    pub blocked_versions: Vec<BlockedVersion>,
    /// Whether a client on a withdrawn version is sent to a lower one.
    pub allow_downgrade: Option<bool>,
}

impl Policy {
    /// This policy, with what it leaves open taken from `below`.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
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

    /// Whether `version` may be offered.
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
