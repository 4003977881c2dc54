//! How a release bundle comes to its digests: once, when it is made.

use slipway_domain::{Channel, Version};

use crate::image::{ImageDigest, ImageTag};
use crate::version_map::VersionMap;

/// By what a component of a release bundle is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// By a version, or the very tag.
    Version(VersionOrTag),
    /// By a digest that one of the component's tags stands for, or has stood for.
    Digest(ImageDigest),
    /// The newest version on a channel, by the precedence of `SemVer`.
    Channel(Channel),
}

/// What `version` names: a version, where it is one, and else a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionOrTag {
    /// As a version.
    pub version: Option<Version>,
    /// As a tag; none, where it has characters that no tag has, such as `+`.
    pub tag: Option<ImageTag>,
}

impl VersionOrTag {
    /// What `text` names; none, where it is neither.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let (version, tag) = (text.parse().ok(), text.parse().ok());
        (version.is_some() || tag.is_some()).then_some(Self { version, tag })
    }
}

/// The version map that `selection` means; none, where there is none.
///
/// Of several that fit equally well it is the one that was made last: a tag that has moved means
/// what it stands for now.
#[must_use]
pub fn resolve<'a>(selection: &Selection, maps: &'a [VersionMap]) -> Option<&'a VersionMap> {
    match selection {
        Selection::Version(VersionOrTag { version, tag }) => {
            let by_version = version.as_ref().and_then(|version| {
                newest(maps, |map| map.semver.as_ref().is_some_and(|semver| is(semver, version)))
            });
            by_version.or_else(|| tag.as_ref().and_then(|tag| newest(maps, |map| map.tag == *tag)))
        }
        Selection::Digest(digest) => newest(maps, |map| map.digest == *digest),
        Selection::Channel(channel) => highest(maps, channel),
    }
}

/// Whether both are written alike: `1.0.0+a` and `1.0.0+b` have the same precedence, and are two
/// images.
fn is(one: &Version, other: &Version) -> bool {
    one.as_semver() == other.as_semver()
}

/// Of those that fit, the one that was made last.
fn newest(maps: &[VersionMap], fits: impl Fn(&VersionMap) -> bool) -> Option<&VersionMap> {
    maps.iter().filter(|map| fits(map)).max_by(|a, b| a.made().cmp(&b.made()))
}

/// The highest version on a channel; of one version, the one that was made last.
fn highest<'a>(maps: &'a [VersionMap], channel: &Channel) -> Option<&'a VersionMap> {
    let on =
        maps.iter().filter(|map| map.semver.is_some() && map.channel.as_ref() == Some(channel));
    on.max_by(|a, b| a.precedence(b))
}

#[cfg(test)]
mod tests {
    use slipway_domain::{GenerateId, Timestamp};

    use super::*;
    use crate::id::{ComponentId, VersionMapId};
    use crate::version_map::{channel_of, version_of};

    fn map(second: i64, tag: &str, digit: char) -> VersionMap {
        let created_at = Timestamp::from_second(second).unwrap();
        let tag: ImageTag = tag.parse().unwrap();
        let semver = version_of(&tag);
        VersionMap {
            id: VersionMapId::generate(created_at, [0; 10]),
            component_id: ComponentId::generate(created_at, [1; 10]),
            digest: digest(digit),
            channel: semver.as_ref().and_then(|it| channel_of(it, &Channel::default())),
            semver,
            tag,
            pushed_at: None,
            created_at,
            created_by: None,
            observed_at: created_at,
        }
    }

    fn digest(digit: char) -> ImageDigest {
        format!("sha256:{}", digit.to_string().repeat(64)).parse().unwrap()
    }

    fn maps() -> Vec<VersionMap> {
        vec![
            map(1, "v2.3.0", '1'),
            map(2, "v2.10.0", '2'),
            map(3, "v2.9.0", '3'),
            map(4, "v3.0.0-rc.1", '4'),
            map(5, "latest", '2'),
            map(6, "v2.3.0", '5'),
        ]
    }

    fn resolved(selection: &Selection) -> Option<ImageDigest> {
        resolve(selection, &maps()).map(|map| map.digest.clone())
    }

    fn version(text: &str) -> Selection {
        Selection::Version(VersionOrTag::of(text).unwrap())
    }

    #[test]
    fn a_version_is_found_by_semver_and_then_by_its_tag() {
        assert_eq!(resolved(&version("2.10.0")), Some(digest('2')));
        assert_eq!(resolved(&version("v2.10.0")), Some(digest('2')));
        assert_eq!(resolved(&version("latest")), Some(digest('2')));
        assert_eq!(resolved(&version("2.11.0")), None);
    }

    #[test]
    fn a_tag_that_has_moved_means_what_it_stands_for_now() {
        assert_eq!(resolved(&version("2.3.0")), Some(digest('5')));
        assert_eq!(resolved(&Selection::Digest(digest('1'))), Some(digest('1')));
    }

    #[test]
    fn a_channel_means_its_highest_version_and_not_its_newest_row() {
        let channel = |name: &str| Selection::Channel(name.parse().unwrap());
        assert_eq!(resolved(&channel("stable")), Some(digest('2')));
        assert_eq!(resolved(&channel("rc")), Some(digest('4')));
        assert_eq!(resolved(&channel("beta")), None);
    }

    #[test]
    fn what_is_neither_a_version_nor_a_tag_names_nothing() {
        assert_eq!(VersionOrTag::of("a b"), None);
        assert_eq!(VersionOrTag::of(""), None);
        let built = VersionOrTag::of("1.0.0+build").unwrap();
        assert!(built.version.is_some() && built.tag.is_none());
    }
}
