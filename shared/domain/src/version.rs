//! SemVer 2.0.0 versions, and a sort key whose byte order equals their precedence.

mod installed;

use std::cmp::Ordering;
use std::fmt::{self, Write};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::TextError;

const MAX_LENGTH: usize = 128;

/// A strict SemVer 2.0.0 version of at most 128 characters.
///
/// Order and equality are SemVer precedence (sections 10 and 11): build metadata is ignored, so
/// `1.0.0+linux` and `1.0.0+mac` are the same version.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("examples" = ["1.0.0"], "maxLength" = 128))]
pub struct Version(semver::Version);

impl Version {
    /// A string whose byte order equals SemVer precedence, for use in DynamoDB sort keys.
    ///
    /// Numbers are prefixed by their length, so that numbers of any size compare as text. A release
    /// ends in `~`, above the `-` of its prereleases; an identifier ends in `!`, below every
    /// character it may contain.
    #[must_use]
    pub fn sort_key(&self) -> String {
        let mut key = String::with_capacity(32);
        for number in [self.0.major, self.0.minor, self.0.patch] {
            push_number(&mut key, &number.to_string());
        }
        if self.0.pre.is_empty() {
            key.push('~');
        } else {
            key.push('-');
            self.0.pre.split('.').for_each(|identifier| push_identifier(&mut key, identifier));
            key.push('!');
        }
        key
    }

    /// The version of a row, which was checked when it was written. Only for rows: all that is
    /// asked is that it is `SemVer`, without which it has no precedence.
    ///
    /// # Errors
    /// What the `semver` crate refuses.
    pub fn from_stored(text: &str) -> Result<Self, semver::Error> {
        semver::Version::parse(text).map(Self)
    }

    /// The version that the `semver` crate has made.
    pub(crate) fn from_semver(version: semver::Version) -> Self {
        Self(version)
    }

    /// The version as the `semver` crate's type.
    #[must_use]
    pub fn as_semver(&self) -> &semver::Version {
        &self.0
    }
}

fn push_number(key: &mut String, digits: &str) {
    // A version has at most 128 characters, so two hex digits hold any length. Writing to a String
    // can't fail.
    let _ = write!(key, "{:02x}{digits}", digits.len());
}

fn push_identifier(key: &mut String, identifier: &str) {
    // Numeric identifiers have lower precedence than alphanumeric ones: `0` sorts before `1`.
    if identifier.bytes().all(|byte| byte.is_ascii_digit()) {
        key.push('0');
        push_number(key, identifier);
    } else {
        key.push('1');
        key.push_str(identifier);
        key.push('!');
    }
}

impl FromStr for Version {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "SemVer 2.0.0, at most 128 characters, as in `1.2.3` or `1.2.3-beta.1`";
        let refuse = || TextError::new(text, "a version", RULE);
        if text.len() > MAX_LENGTH {
            return Err(refuse());
        }
        semver::Version::parse(text).map(Self).map_err(|_| refuse())
    }
}

impl TryFrom<String> for Version {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn versions() -> impl Strategy<Value = Version> {
        let number = prop_oneof![0..3_u64, 8..12_u64, 98..102_u64, any::<u64>()];
        let identifier = "0|[1-9][0-9]{0,24}|[0-9]{0,2}[a-cA-C-][0-9a-cA-C-]{0,3}";
        let pre = proptest::collection::vec(identifier, 0..4);
        let build = proptest::option::of("[0-9a-z]{1,3}");
        // A version that is too long to be one is not made.
        (number.clone(), number.clone(), number, pre, build).prop_filter_map(
            "short enough",
            |(major, minor, patch, pre, build)| {
                let pre =
                    if pre.is_empty() { String::new() } else { format!("-{}", pre.join(".")) };
                let build = build.map(|build| format!("+{build}")).unwrap_or_default();
                let text = format!("{major}.{minor}.{patch}{pre}{build}");
                (text.len() <= MAX_LENGTH).then(|| text.parse().unwrap())
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn the_byte_order_of_keys_is_the_precedence_of_the_semver_crate(a in versions(), b in versions()) {
            prop_assert_eq!(a.sort_key().cmp(&b.sort_key()), a.as_semver().cmp_precedence(b.as_semver()), "{} {}", a, b);
        }
    }

    #[test]
    fn the_example_of_the_semver_specification_is_in_order() {
        let rising = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "2.0.0",
            "10.0.0",
        ];
        let keys: Vec<_> =
            rising.iter().map(|text| text.parse::<Version>().unwrap().sort_key()).collect();
        assert!(keys.is_sorted(), "{keys:#?}");
    }

    #[test]
    fn anything_but_semver_is_refused_with_an_example() {
        for text in [
            "1.0",
            "v1.0.0",
            "01.0.0",
            "1.0.0-",
            "",
            "1.0.0 ",
            &format!("1.0.0-{}", "a".repeat(130)),
        ] {
            let error = text.parse::<Version>().unwrap_err().to_string();
            assert!(error.contains("SemVer 2.0.0"), "{error}");
        }
    }
}
