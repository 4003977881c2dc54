//! The search for a release on one channel. What its head knows is used first; what it does not know
//! is named as a [`Lookup`], and the choice is made anew once that is known.

use std::borrow::Cow;
use std::ops::Bound;

use super::lookup::{Lookup, VersionSpan, lower};
use super::{ConsideredRule, DecisionInputs, Rule, UpdateCheck};
use crate::Version;
use crate::channel_head::{ChannelHead, HeadCoverage, LiveRelease, Target};
use crate::policy::Policy;
use crate::release::{Release, ReleaseStatus};

/// What is known, or what has to be looked up first.
pub(super) type Known<T> = Result<T, Lookup>;

/// The search for a release on a channel.
#[derive(Clone, Copy)]
pub(super) struct Search<'a, 'c> {
    pub(super) check: &'c UpdateCheck,
    pub(super) head: &'a ChannelHead,
    pub(super) inputs: DecisionInputs<'a>,
}

impl<'a> Search<'a, '_> {
    fn policy(&self) -> &'a Policy {
        self.inputs.policy
    }

    /// The newest live release in a span that may be offered to the client.
    pub(super) fn newest(&self, span: VersionSpan) -> Known<Option<Cow<'a, LiveRelease>>> {
        for recent in self.head.recent.iter().filter(|one| is_within(&span.upper, &one.version)) {
            if span.ends_before(&recent.version) {
                return Ok(None);
            }
            let obstacle = self.check.obstacle(recent.into(), self.inputs);
            self.inputs.note(|| {
                let Self { head, .. } = self;
                let rule = Rule::Candidate;
                ConsideredRule::of_release(rule, obstacle, &head.channel, &recent.version)
            });
            if obstacle.is_none() {
                return self.whole(&recent.version, span);
            }
        }
        if self.head.lists_all() { Ok(None) } else { self.newest_below_recent(span) }
    }

    /// The same among the releases that the head does not list.
    fn newest_below_recent(&self, mut span: VersionSpan) -> Known<Option<Cow<'a, LiveRelease>>> {
        let lowest = self.head.recent.last().map(|recent| recent.version.clone());
        span.upper = lower(span.upper, lowest.map_or(Bound::Unbounded, Bound::Excluded));
        if self.head.coverage == HeadCoverage::Complete {
            let fits = |target: Target| self.check.runs(target, self.inputs.product);
            let Some(newest) = self.head.newest_for(fits) else { return Ok(None) };
            if is_within(&span.upper, newest) && !span.ends_before(newest) {
                let is_for_all = self.head.newest_rolled_out_for(fits) == Some(newest);
                if is_for_all && self.policy().allows(newest) {
                    return self.whole(newest, span);
                }
            }
            span.upper = lower(span.upper, Bound::Included(newest.clone()));
        }
        let pinned = self.policy().pinned_range.as_ref();
        let pinned = pinned.and_then(crate::policy::VersionRange::upper_bound);
        span.upper = lower(span.upper, pinned.map_or(Bound::Unbounded, Bound::Included));
        self.look_up_newest(span)
    }

    /// The release of a version that the head knows to be live and fit.
    fn whole(&self, version: &Version, span: VersionSpan) -> Known<Option<Cow<'a, LiveRelease>>> {
        if let Some(newest) = self.head.newest.as_ref().filter(|one| one.version == *version) {
            return Ok(Some(Cow::Borrowed(newest)));
        }
        let found = self.release(version)?;
        if let Some(release) = found.filter(|one| self.check.is_offerable(one, self.inputs)) {
            return Ok(Some(Cow::Owned(LiveRelease::from(release))));
        }
        // It was revoked or held back since the head was read.
        let upper = lower(span.upper, Bound::Excluded(version.clone()));
        self.look_up_newest(VersionSpan { upper, ..span })
    }

    fn look_up_newest(&self, span: VersionSpan) -> Known<Option<Cow<'a, LiveRelease>>> {
        if span.is_empty() {
            return Ok(None);
        }
        let lookup = Lookup::Newest(self.head.channel.clone(), span);
        let found = self.inputs.lookups.get(lookup)?;
        Ok(found.map(|release| Cow::Owned(LiveRelease::from(release))))
    }

    /// Whether the installed version is revoked on the channel. Its row is looked up only if it may be.
    pub(super) fn is_revoked(&self, current: &Version) -> Known<bool> {
        let highest = self.head.highest_revoked.as_ref();
        if highest.is_none_or(|highest| highest < current) {
            return Ok(false);
        }
        if self.head.recent.iter().any(|recent| recent.version == *current) {
            return Ok(false);
        }
        if highest == Some(current) {
            return Ok(true);
        }
        let release = self.release(current)?;
        Ok(release.is_some_and(|release| release.status == ReleaseStatus::Revoked))
    }

    /// Whether a version is live, whoever may be offered it.
    pub(super) fn is_live(&self, version: &Version) -> Known<bool> {
        if self.head.recent.iter().any(|recent| recent.version == *version) {
            return Ok(true);
        }
        if self.head.lists_all() {
            return Ok(false);
        }
        let release = self.release(version)?;
        Ok(release.is_some_and(|release| release.status == ReleaseStatus::Published))
    }

    /// Whether the row of the installed version may have to be looked up.
    pub(super) fn may_look_up(&self, current: &Version) -> bool {
        if self.head.recent.iter().any(|recent| recent.version == *current) {
            return false;
        }
        let highest = self.head.highest_revoked.as_ref();
        highest.is_some_and(|highest| highest > current) || !self.head.lists_all()
    }

    /// The release of a version, whatever its status.
    pub(super) fn release(&self, version: &Version) -> Known<Option<&'a Release>> {
        self.inputs.lookups.get(Lookup::Release(self.head.channel.clone(), version.clone()))
    }
}

fn is_within(upper: &Bound<Version>, version: &Version) -> bool {
    match upper {
        Bound::Unbounded => true,
        Bound::Included(upper) => version <= upper,
        Bound::Excluded(upper) => version < upper,
    }
}
