//! Policies: which updates an administrator allows, and what clients do with them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::TextError;
use crate::{Channel, Version};

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

/// A SemVer range: comparators separated by commas, as in `>=1.2.0, <2.0.0`, with Cargo's
/// semantics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct VersionRange(semver::VersionReq);

impl VersionRange {
    /// Whether the range includes `version`.
    #[must_use]
    pub fn includes(&self, version: &Version) -> bool {
        self.0.matches(version.as_semver())
    }

    /// A version that none in the range is above; `None` if the range has no upper end.
    #[must_use]
    pub fn upper_bound(&self) -> Option<Version> {
        let bounds = self.0.comparators.iter().filter_map(upper_bound);
        bounds.min_by(semver::Version::cmp_precedence).map(Version::from_semver)
    }
}

/// A version that none that the comparator matches is above.
fn upper_bound(comparator: &semver::Comparator) -> Option<semver::Version> {
    let semver::Comparator { op, major, minor, patch, pre } = comparator;
    let (next_major, next_minor) = (major.saturating_add(1), |minor: u64| minor.saturating_add(1));
    let (major, minor, patch) = match (op, minor, patch) {
        (semver::Op::Greater | semver::Op::GreaterEq, ..) => return None,
        (semver::Op::Less, minor, patch) => (*major, minor.unwrap_or(0), patch.unwrap_or(0)),
        (semver::Op::Exact | semver::Op::LessEq, Some(minor), Some(patch)) => {
            let exact = semver::Version::new(*major, *minor, *patch);
            return Some(semver::Version { pre: pre.clone(), ..exact });
        }
        (semver::Op::Caret, Some(minor), _) if *major == 0 => (0, next_minor(*minor), 0),
        (semver::Op::Caret, ..) | (_, None, _) => (next_major, 0, 0),
        (_, Some(minor), _) => (*major, next_minor(*minor), 0),
    };
    Some(semver::Version::new(major, minor, patch))
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

/// A version that must not be installed: a single version, or a range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a version, as in `1.2.3`, or a range, as in `>=1.2.0, <1.3.0`"
)]
pub enum BlockedVersion {
    /// A single version.
    Version(Version),
    /// All versions of a range.
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

/// The rules of one policy level. Fields that are left out are inherited from the level below.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What clients do with an update.
    pub mode: Option<UpdateMode>,
    /// Channel for clients that name none.
    pub channel: Option<Channel>,
    /// Range of versions that may be offered.
    pub pinned_range: Option<VersionRange>,
    /// Versions that are not offered. They accumulate over the levels.
    pub blocked_versions: Vec<BlockedVersion>,
    /// Whether a client on a revoked or blocked version may be offered a lower one.
    pub allow_downgrade: Option<bool>,
}

impl Policy {
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
