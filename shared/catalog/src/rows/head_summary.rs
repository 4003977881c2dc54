//! What the row of a head says about all live releases of its channel.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_domain::channel_head::{
    ChannelHead, HeadCoverage, ReleaseSummary, Target, TargetReleases,
};
use slipway_domain::metadata::OsRequirement;
use slipway_domain::{Error, Result, Version};

use super::release::{RolloutRow, upgrade_path};
use super::required_release::RequiredReleasesRow;
use super::text::{self, StoredText};

/// The summary of a channel's live releases.
#[derive(Serialize, Deserialize)]
pub(crate) struct HeadSummaryRow<'a> {
    live: u64,
    #[serde(borrow)]
    targets: Vec<TargetRow<'a>>,
    #[serde(borrow)]
    recent: Vec<ReleaseSummaryRow<'a>>,
    /// Absent means that no release is required.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    required: Option<RequiredReleasesRow<'a>>,
}

/// What is live for a platform and architecture.
#[derive(Serialize, Deserialize)]
struct TargetRow<'a> {
    #[serde(borrow)]
    platform: Cow<'a, str>,
    #[serde(borrow)]
    arch: Cow<'a, str>,
    live: u64,
    #[serde(borrow)]
    newest: Cow<'a, str>,
    /// Those that are rolled out to all clients. Absent means that all of them are.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    rolled_out: Option<RolledOutRow<'a>>,
}

/// Which of the releases for a target are rolled out to all clients.
#[derive(Serialize, Deserialize)]
struct RolledOutRow<'a> {
    live: u64,
    #[serde(borrow)]
    newest: Option<Cow<'a, str>>,
}

/// A release, without its artifacts and metadata.
#[derive(Serialize, Deserialize)]
struct ReleaseSummaryRow<'a> {
    #[serde(borrow)]
    release_id: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    /// Absent means that it is rolled out to all clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rollout: Option<RolloutRow>,
    /// Positions in the list of targets.
    targets: Vec<usize>,
    /// The oldest operating systems that it runs on. Absent means any.
    #[serde(default, borrow, skip_serializing_if = "Vec::is_empty")]
    min_os: Vec<MinimumOsRow<'a>>,
    /// Absent means that any client may skip it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    /// Absent means any.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    min_current_version: Option<Cow<'a, str>>,
}

/// The oldest operating system of a platform, or of every one.
#[derive(Serialize, Deserialize)]
struct MinimumOsRow<'a> {
    #[serde(borrow)]
    platform: Option<Cow<'a, str>>,
    version: [u32; 4],
}

impl<'a> From<&'a ChannelHead> for HeadSummaryRow<'a> {
    fn from(head: &'a ChannelHead) -> Self {
        let known: Vec<Target> = head.targets.keys().copied().collect();
        Self {
            live: head.live,
            targets: head.targets.iter().map(TargetRow::new).collect(),
            recent: head
                .recent
                .iter()
                .map(|recent| ReleaseSummaryRow::new(recent, &known))
                .collect(),
            required: RequiredReleasesRow::new(&head.required, &known),
        }
    }
}

impl HeadSummaryRow<'_> {
    /// `head`, with what this says about its releases.
    pub(super) fn into_head(self, head: ChannelHead) -> Result<ChannelHead> {
        let targets: Vec<(Target, TargetReleases)> =
            self.targets.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        let known: Vec<Target> = targets.iter().map(|(target, _)| *target).collect();
        let recent = self.recent.into_iter().map(|recent| recent.into_summary(&known));
        let required = self.required.map(|required| required.into_required(&known)).transpose()?;
        Ok(ChannelHead {
            live: self.live,
            recent: recent.collect::<Result<_>>()?,
            targets: BTreeMap::from_iter(targets),
            required: required.unwrap_or_default(),
            coverage: HeadCoverage::Complete,
            ..head
        })
    }
}

impl<'a> TargetRow<'a> {
    fn new((target, releases): (&'a Target, &'a TargetReleases)) -> Self {
        let newest = text::optional(releases.newest_rolled_out.as_ref());
        let rolled_out = RolledOutRow { live: releases.rolled_out, newest };
        Self {
            platform: target.platform.to_text(),
            arch: target.arch.to_text(),
            live: releases.live,
            newest: releases.newest.to_text(),
            rolled_out: Some(rolled_out).filter(|those| those.live < releases.live),
        }
    }
}

impl TryFrom<TargetRow<'_>> for (Target, TargetReleases) {
    type Error = Error;

    fn try_from(row: TargetRow<'_>) -> Result<Self> {
        let target = Target {
            platform: StoredText::from_text(row.platform)?,
            arch: StoredText::from_text(row.arch)?,
        };
        let newest: Version = StoredText::from_text(row.newest)?;
        let (rolled_out, newest_rolled_out) = match row.rolled_out {
            None => (row.live, Some(newest.clone())),
            Some(those) => (those.live, text::from_optional(those.newest)?),
        };
        Ok((target, TargetReleases { live: row.live, newest, rolled_out, newest_rolled_out }))
    }
}

impl<'a> ReleaseSummaryRow<'a> {
    fn new(value: &'a ReleaseSummary, known: &[Target]) -> Self {
        let position = |target| known.iter().position(|known| known == target);
        Self {
            release_id: value.release_id.to_text(),
            version: value.version.to_text(),
            rollout: Some(value.rollout).filter(|one| !one.includes_all()).map(Into::into),
            targets: value.targets.iter().filter_map(position).collect(),
            min_os: value
                .min_os_version
                .iter()
                .flat_map(OsRequirement::minimums)
                .map(|(platform, version)| MinimumOsRow {
                    platform: platform.map(|platform| Cow::Owned(platform.to_text().into_owned())),
                    version,
                })
                .collect(),
            required: value.upgrade_path.required,
            min_current_version: text::optional(value.upgrade_path.min_current_version.as_ref()),
        }
    }

    fn into_summary(self, known: &[Target]) -> Result<ReleaseSummary> {
        let target = |position: usize| {
            let missing = || Error::internal(format!("no target {position} in a head"));
            known.get(position).copied().ok_or_else(missing)
        };
        let minimums = self.min_os.into_iter();
        let minimums = minimums.map(|row| Ok((text::from_optional(row.platform)?, row.version)));
        let minimums: Vec<_> = minimums.collect::<Result<_>>()?;
        let min_os_version = (!minimums.is_empty()).then(|| OsRequirement::from_minimums(minimums));
        Ok(ReleaseSummary {
            release_id: StoredText::from_text(self.release_id)?,
            version: StoredText::from_text(self.version)?,
            rollout: self.rollout.map(Into::into).unwrap_or_default(),
            targets: self.targets.into_iter().map(target).collect::<Result<_>>()?,
            min_os_version,
            upgrade_path: upgrade_path(self.required, self.min_current_version)?,
        })
    }
}
