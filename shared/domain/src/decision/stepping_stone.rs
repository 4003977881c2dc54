//! Stepping stones: required releases, which clients below them are offered before anything newer.

use std::borrow::Cow;
use std::ops::Bound;

use super::DecisionReason;
use super::lookup::VersionSpan;
use super::search::{Known, Search};
use crate::Version;
use crate::channel_head::LiveRelease;
use crate::release::{Release, ReleaseStatus};

/// The release that a client may not skip.
pub(super) struct SteppingStone<'a> {
    /// Its version: nothing above it may be offered.
    pub(super) version: Version,
    /// The release, or why it can't be offered to the client.
    pub(super) offer: Result<Cow<'a, LiveRelease>, DecisionReason>,
}

impl<'a> Search<'a, '_> {
    /// The lowest required release above `current` that has an artifact for the client's machine.
    pub(super) fn stepping_stone(&self, current: &Version) -> Known<Option<SteppingStone<'a>>> {
        let mut above = current.clone();
        while let Some(version) = self.lowest_required_above(&above)? {
            if let Some(offer) = self.offer_required(&version)? {
                return Ok(Some(SteppingStone { version, offer }));
            }
            above = version;
        }
        Ok(None)
    }

    /// Which one it is, as far as the head or the row of a required release says.
    fn lowest_required_above(&self, above: &Version) -> Known<Option<Version>> {
        let required = &self.head.required;
        if let Some(unlisted_to) = required.unlisted_above(above) {
            let upper = Bound::Included(unlisted_to.clone());
            let span = VersionSpan { upper, above: Some(above.clone()) };
            if let Some(version) = self.inputs.lookups.required(&self.head.channel, span)? {
                return Ok(Some(version.clone()));
            }
        }
        let mut rising = required.listed.iter().rev();
        let lowest = rising.find(|listed| {
            listed.version > *above && self.check.runs_any(&listed.targets, self.inputs.product)
        });
        Ok(lowest.map(|lowest| lowest.version.clone()))
    }

    /// A required release, or why it can't be offered; `None` if it is revoked, or required no
    /// longer, since what says so was read.
    fn offer_required(
        &self,
        version: &Version,
    ) -> Known<Option<Result<Cow<'a, LiveRelease>, DecisionReason>>> {
        let recent = self.head.recent.iter().find(|recent| recent.version == *version);
        if let Some(obstacle) = recent.and_then(|one| self.check.obstacle(one.into(), self.inputs))
        {
            return Ok(Some(Err(obstacle)));
        }
        let is_it = |newest: &&LiveRelease| newest.version == *version;
        if let Some(newest) = self.head.newest.as_ref().filter(is_it) {
            return Ok(Some(Ok(Cow::Borrowed(newest))));
        }
        let found = self.release(version)?;
        let is_required = |release: &&Release| {
            release.status == ReleaseStatus::Published && release.upgrade_path.required
        };
        Ok(found.filter(is_required).map(|release| {
            let obstacle = self.check.obstacle(release.into(), self.inputs);
            obstacle.map_or_else(|| Ok(Cow::Owned(LiveRelease::from(release))), Err)
        }))
    }
}
