//! Required releases: what a head knows of the releases that clients may not skip.

use std::collections::BTreeSet;

use super::{ReleaseSummary, Target};
use crate::Version;
use crate::release::Release;

/// How many of the highest required live releases a head lists.
pub const MAX_REQUIRED: usize = 3;

/// The live releases of a channel that are required. The head lists the highest few of them; each
/// has a row of its own, where the others are looked up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequiredReleases {
    /// How many there are.
    pub live: u64,
    /// The highest of them, highest version first, at most [`MAX_REQUIRED`].
    pub listed: Vec<RequiredRelease>,
    /// The version above which `listed` has them all; `None` if it has all there are.
    pub unlisted_to: Option<Version>,
}

/// As much of a required release as tells which clients have to pass it.
#[derive(Debug, Clone, PartialEq)]
pub struct RequiredRelease {
    /// Version of the release.
    pub version: Version,
    /// What its artifacts run on.
    pub targets: BTreeSet<Target>,
}

impl From<&ReleaseSummary> for RequiredRelease {
    fn from(release: &ReleaseSummary) -> Self {
        Self { version: release.version.clone(), targets: release.targets.clone() }
    }
}

impl From<&Release> for RequiredRelease {
    fn from(release: &Release) -> Self {
        let targets = release.artifacts.iter().map(Target::from).collect();
        Self { version: release.version.clone(), targets }
    }
}

impl RequiredReleases {
    /// Counts one that is live.
    pub(super) fn count(&mut self, release: &ReleaseSummary) {
        self.live += 1;
        if self.unlisted_to.as_ref().is_some_and(|to| release.version <= *to) {
            return;
        }
        let place = self.listed.partition_point(|listed| listed.version > release.version);
        self.listed.insert(place, release.into());
        if self.listed.len() > MAX_REQUIRED {
            self.unlisted_to = self.listed.pop().map(|lowest| lowest.version);
        }
    }

    /// Counts one no longer. What is below stays where it is: it is looked up.
    pub(super) fn discount(&mut self, version: &Version) {
        self.live = self.live.saturating_sub(1);
        self.listed.retain(|listed| listed.version != *version);
        if self.live == self.listed.len() as u64 {
            self.unlisted_to = None;
        }
    }

    /// The version up to which there may be some above `version` that are not listed; `None` if all
    /// of them are listed.
    pub(crate) fn unlisted_above(&self, version: &Version) -> Option<&Version> {
        self.unlisted_to.as_ref().filter(|to| *to > version)
    }
}
