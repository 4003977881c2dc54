//! Version maps: which digest a tag of a component stands for, and as which version on which
//! channel.

use slipway_domain::{Channel, Timestamp, Version};

use crate::id::{ComponentId, VersionMapId};
use crate::image::{ImageDigest, ImageTag};

/// What a tag of a component's repository stood for when it was looked at. A tag that moves gets a
/// version map of its own; none is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionMap {
    /// Its id.
    pub id: VersionMapId,
    /// The component.
    pub component_id: ComponentId,
    /// The tag.
    pub tag: ImageTag,
    /// The digest of the manifest that the tag stood for.
    pub digest: ImageDigest,
    /// The version; none, where the tag is none.
    pub semver: Option<Version>,
    /// The channel; none, where nobody has said it and the tag does not tell.
    pub channel: Option<Channel>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The version that a tag tells: `SemVer`, with or without a leading `v`. What leaves out a number,
/// as in `v2.3`, is none: registries move such tags by custom.
#[must_use]
pub fn version_of(tag: &ImageTag) -> Option<Version> {
    let text = tag.as_str();
    text.strip_prefix('v').unwrap_or(text).parse().ok()
}

/// The channel that a version tells: `default` for a release; for a prerelease the letters that its
/// first identifier begins with, as in `rc` of `2.3.1-rc.1` and `2.3.1-rc1`; none, where there are
/// none.
#[must_use]
pub fn channel_of(version: &Version, default: &Channel) -> Option<Channel> {
    let prerelease = &version.as_semver().pre;
    if prerelease.is_empty() {
        return Some(default.clone());
    }
    let letters = prerelease.chars().take_while(char::is_ascii_alphabetic).collect::<String>();
    letters.to_ascii_lowercase().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(tag: &str) -> Option<String> {
        version_of(&tag.parse().unwrap()).map(|version| version.to_string())
    }

    #[test]
    fn a_tag_that_is_semver_tells_a_version() {
        for (tag, told) in [
            ("v2.3.1", Some("2.3.1")),
            ("2.3.1-rc.1", Some("2.3.1-rc.1")),
            ("v2.3", None),
            ("latest", None),
            ("vv1.0.0", None),
            ("01.2.3", None),
            ("sha-0a1b2c", None),
        ] {
            assert_eq!(version(tag).as_deref(), told, "{tag}");
        }
    }

    #[test]
    fn a_version_tells_its_channel() {
        let stable = Channel::default();
        for (text, told) in [
            ("2.3.1", Some("stable")),
            ("2.3.1-rc.1", Some("rc")),
            ("2.3.1-rc1", Some("rc")),
            ("2.3.1-Beta", Some("beta")),
            ("2.3.1-0", None),
            ("2.3.1-20260110", None),
        ] {
            let channel = channel_of(&text.parse().unwrap(), &stable);
            assert_eq!(channel.as_ref().map(Channel::as_str), told, "{text}");
        }
    }
}
