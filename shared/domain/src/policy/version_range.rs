//! Ranges of versions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Version;
use crate::text::TextError;

/// Limit of the text of a range, in bytes.
const MAX_LENGTH: usize = 256;

/// A SemVer range of at most 256 characters: comparators separated by commas, as in
/// `>=1.2.0, <2.0.0`, with Cargo's semantics. `1.2` is `^1.2`; a prerelease is included only where a
/// comparator names one of the same three numbers. A range in which no version can be is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("examples" = [">=1.2.0, <2.0.0"], "maxLength" = 256))]
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

    /// Whether the ends of the range leave no version in it.
    fn is_empty(&self) -> bool {
        let bounds = self.0.comparators.iter().filter_map(lower_bound);
        let lower = bounds.max_by(semver::Version::cmp_precedence).map(Version::from_semver);
        let Some((lower, upper)) = lower.zip(self.upper_bound()) else { return false };
        // Where they meet, it is this one version or none.
        lower > upper || (lower == upper && !self.includes(&lower))
    }

    /// The range of a row, which was checked when it was written.
    ///
    /// # Errors
    /// What the `semver` crate refuses.
    pub fn from_stored(text: &str) -> Result<Self, semver::Error> {
        semver::VersionReq::parse(text).map(Self)
    }
}

impl std::fmt::Display for VersionRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
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

/// A version that none that the comparator matches is below.
fn lower_bound(comparator: &semver::Comparator) -> Option<semver::Version> {
    let semver::Comparator { op, major, minor, patch, pre } = comparator;
    if *op == semver::Op::Less || *op == semver::Op::LessEq {
        return None;
    }
    let numbers = semver::Version::new(*major, minor.unwrap_or(0), patch.unwrap_or(0));
    // `>=1` has the prereleases of 1.0.0 too, where another comparator names one. `0` is the lowest.
    let lowest = || semver::Prerelease::new("0").unwrap_or_default();
    let pre = if patch.is_some() { pre.clone() } else { lowest() };
    Some(semver::Version { pre, ..numbers })
}

impl TryFrom<String> for VersionRange {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        const RULE: &str =
            "comparators joined by commas that a version can satisfy, as in `>=1.2.0, <2.0.0`";
        let refuse = || TextError::new(&text, "a version range", RULE);
        // With a blank a version would be a range: ` 1.0.0` is all of `^1.0.0`.
        if text.len() > MAX_LENGTH || text.trim() != text {
            return Err(refuse());
        }
        let range = semver::VersionReq::parse(&text).map(Self).map_err(|_| refuse())?;
        if range.is_empty() { Err(refuse()) } else { Ok(range) }
    }
}

impl From<VersionRange> for String {
    fn from(range: VersionRange) -> Self {
        range.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        VersionRange::try_from(text.to_owned()).is_err()
    }

    #[test]
    fn a_version_does_not_become_a_range_by_a_blank() {
        for blank in [" 1.0.0", "1.0.0 ", "\t1.0.0", "1.0.0\n"] {
            assert!(refused(blank), "{blank:?}");
            let blocked = serde_json::json!({ "blocked_versions": [blank] });
            assert!(serde_json::from_value::<crate::policy::Policy>(blocked).is_err(), "{blank:?}");
        }
        assert!(!refused(">=1.0.0, <2.0.0"));
    }

    #[test]
    fn a_range_without_a_version_is_refused() {
        for empty in [
            ">2.0.0, <1.0.0",
            ">1.0.0, <1.0.0",
            ">=1.0.0, <1.0.0",
            ">1.0.0, <=1.0.0",
            "=1.0.0, =2.0.0",
            "^1.2, >=2.1",
            "~1.2.3, <1.2.3",
            "1.2.*, >1.4.0",
            "",
            "latest",
        ] {
            assert!(refused(empty), "{empty}");
        }
        assert!(refused(&format!(">=1.0.0{}", " ".repeat(256))));
    }

    #[test]
    fn a_range_with_a_single_version_is_none_without() {
        for text in
            [">=1.0.0, <=1.0.0", "=1.0.0", "^1, >=1.0.0-rc.1, <1.0.0", ">1, >=2.0.0-rc.1", "*"]
        {
            assert!(!refused(text), "{text}");
        }
    }
}
