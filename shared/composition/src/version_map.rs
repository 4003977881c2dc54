//! Version maps: which digest a tag of a component stands for, and as which version on which
//! channel.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::{Channel, Timestamp, Version};

use crate::component::Component;
use crate::id::{ComponentId, VersionMapId};
use crate::image::{ImageDigest, ImageTag};

/// What a tag of a component's repository stood for when it was looked at. A tag that moves gets a
/// version map of its own; none is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionMap {
    /// Id of the version map.
    pub id: VersionMapId,
    /// Id of the component.
    pub component_id: ComponentId,
    /// The tag.
    pub tag: ImageTag,
    /// Digest of the manifest that the tag stood for.
    pub digest: ImageDigest,
    /// The version; null, where the tag is none.
    pub semver: Option<Version>,
    /// The channel; null, where nobody has said it and the tag does not tell.
    pub channel: Option<Channel>,
    /// Time at which the image was pushed, RFC 3339, UTC; null, where the registry does not tell
    /// it, as no list of tags does.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub pushed_at: Option<Timestamp>,
    /// Time at which the tag was first seen to stand for this digest, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Actor that created it or began the sync that found it, as the audit log names it; null where
    /// that is not known any more.
    pub created_by: Option<String>,
    /// When the registry was asked what the tag stands for, by the clock of who has asked: at this
    /// moment or later, the tag stood for the digest. It orders answers of which the one that was
    /// asked for first comes last; what is shown is `created_at`.
    #[serde(skip)]
    pub observed_at: Timestamp,
}

/// Request body of version-map-create.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewVersionMap {
    /// Id of the component.
    pub component_id: ComponentId,
    /// The tag, which is looked up in the component's registry.
    pub tag: ImageTag,
    /// The version that it is. Default: what the tag tells.
    pub semver: Option<Version>,
    /// The channel that it is on. Default: what the version tells.
    pub channel: Option<Channel>,
}

impl VersionMap {
    /// What `tag` of `component` is by itself, where the registry, asked at `now`, has said that it
    /// stands for `digest`.
    #[must_use]
    pub fn observed(
        component: &Component,
        (tag, digest): (ImageTag, ImageDigest),
        (id, now): (VersionMapId, Timestamp),
        actor: &str,
    ) -> Self {
        let component_id = component.id.clone();
        NewVersionMap { component_id, tag, semver: None, channel: None }.create(
            component,
            digest,
            (id, now),
            actor,
        )
    }

    /// Whether `known`, which is stored, was asked for later than this answer, which so may be what
    /// the tag stood for before.
    #[must_use]
    pub fn is_overtaken_by(&self, known: &Self) -> bool {
        self.tag == known.tag && self.observed_at < known.observed_at
    }

    /// Whether it takes the place of `other`: it was made later, and ids order those of one moment.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.made() > other.made()
    }

    /// Whether it comes before `other` on a channel: a higher version, or of one version the one
    /// that was made later. One without a version comes before none.
    #[must_use]
    pub fn precedes(&self, other: &Self) -> bool {
        self.semver.is_some() && self.precedence(other) == Ordering::Greater
    }

    /// The order of version maps by version, and of one version by the time at which they were
    /// made.
    pub(crate) fn precedence(&self, other: &Self) -> Ordering {
        self.semver.cmp(&other.semver).then_with(|| self.made().cmp(&other.made()))
    }

    /// When it was made; ids order those of one moment.
    pub(crate) fn made(&self) -> (Timestamp, &str) {
        (self.created_at, self.id.as_str())
    }
}

impl NewVersionMap {
    /// The version map that `actor` creates, where the registry, asked at `now`, has said that the
    /// tag stands for `digest`.
    #[must_use]
    pub fn create(
        self,
        component: &Component,
        digest: ImageDigest,
        (id, now): (VersionMapId, Timestamp),
        actor: &str,
    ) -> VersionMap {
        let semver = self.semver.or_else(|| version_of(&self.tag));
        let told = semver.as_ref().and_then(|it| channel_of(it, &component.default_channel));
        VersionMap {
            id,
            component_id: component.id.clone(),
            tag: self.tag,
            digest,
            channel: self.channel.or(told),
            semver,
            pushed_at: None,
            created_at: now,
            created_by: Some(actor.to_owned()),
            observed_at: now,
        }
    }
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
