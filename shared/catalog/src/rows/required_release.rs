//! The row of a required release, and what heads of channels say about them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::channel_head::{RequiredRelease, RequiredReleases, Target};
use slipway_domain::{Error, Result};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for RequiredRelease {
    type Row<'a> = RequiredReleaseRow<'a>;

    fn to_row(&self) -> RequiredReleaseRow<'_> {
        let target = |target: &Target| TargetNameRow {
            platform: Cow::Owned(target.platform.to_text().into_owned()),
            arch: Cow::Owned(target.arch.to_text().into_owned()),
        };
        RequiredReleaseRow {
            version: self.version.to_text(),
            targets: self.targets.iter().map(target).collect(),
        }
    }

    fn from_row(row: RequiredReleaseRow<'_>) -> Result<Self> {
        let target = |target: TargetNameRow<'_>| {
            let TargetNameRow { platform, arch } = target;
            Ok(Target {
                platform: StoredText::from_text(platform)?,
                arch: StoredText::from_text(arch)?,
            })
        };
        Ok(Self {
            version: StoredText::from_text(row.version)?,
            targets: row.targets.into_iter().map(target).collect::<Result<_>>()?,
        })
    }
}

/// A live release that clients may not skip.
#[derive(Serialize, Deserialize)]
pub(crate) struct RequiredReleaseRow<'a> {
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    targets: Vec<TargetNameRow<'a>>,
}

/// A platform and an architecture.
#[derive(Serialize, Deserialize)]
struct TargetNameRow<'a> {
    #[serde(borrow)]
    platform: Cow<'a, str>,
    #[serde(borrow)]
    arch: Cow<'a, str>,
}

/// What the head of a channel says about its required releases.
#[derive(Serialize, Deserialize)]
pub(super) struct RequiredReleasesRow<'a> {
    live: u64,
    #[serde(borrow)]
    listed: Vec<ListedReleaseRow<'a>>,
    /// Absent means that all of them are listed.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    unlisted_to: Option<Cow<'a, str>>,
}

/// One of them.
#[derive(Serialize, Deserialize)]
struct ListedReleaseRow<'a> {
    #[serde(borrow)]
    version: Cow<'a, str>,
    /// Positions in the head's list of targets.
    targets: Vec<usize>,
}

impl<'a> RequiredReleasesRow<'a> {
    /// The row; `None` for a channel without required releases.
    pub(super) fn new(value: &'a RequiredReleases, known: &[Target]) -> Option<Self> {
        let position = |target| known.iter().position(|known| known == target);
        let listed = value.listed.iter().map(|listed| ListedReleaseRow {
            version: listed.version.to_text(),
            targets: listed.targets.iter().filter_map(position).collect(),
        });
        (value.live > 0).then(|| Self {
            live: value.live,
            listed: listed.collect(),
            unlisted_to: text::optional(value.unlisted_to.as_ref()),
        })
    }

    pub(super) fn into_required(self, known: &[Target]) -> Result<RequiredReleases> {
        let target = |position: usize| {
            let missing = || Error::internal(format!("no target {position} in a head"));
            known.get(position).copied().ok_or_else(missing)
        };
        let listed = self.listed.into_iter().map(|listed| {
            Ok(RequiredRelease {
                version: StoredText::from_text(listed.version)?,
                targets: listed.targets.into_iter().map(target).collect::<Result<_>>()?,
            })
        });
        Ok(RequiredReleases {
            live: self.live,
            listed: listed.collect::<Result<_>>()?,
            unlisted_to: text::from_optional(self.unlisted_to)?,
        })
    }
}
