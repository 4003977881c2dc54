//! The choice of a release. What the head of the channel knows is used first; what it does not know
//! is named as a [`Lookup`], and the choice is made anew once that is known.

use std::borrow::Cow;
use std::ops::Bound;

use super::lookup::{Lookup, VersionSpan, lower};
use super::stepping_stone::SteppingStone;
use super::{DecisionInputs, DecisionReason, UpdateCheck};
use crate::Version;
use crate::channel_head::{ChannelHead, HeadCoverage, LiveRelease, Target};
use crate::policy::Policy;
use crate::release::ReleaseStatus;

/// What is known, or what has to be looked up first.
pub(super) type Known<T> = Result<T, Lookup>;

/// A reason, and the release that is offered.
pub(super) type Choice<'a> = (DecisionReason, Option<Cow<'a, LiveRelease>>);

/// The search for a release on a channel.
#[derive(Clone, Copy)]
pub(super) struct Search<'a, 'c> {
    pub(super) check: &'c UpdateCheck,
    pub(super) head: &'a ChannelHead,
    pub(super) inputs: DecisionInputs<'a>,
}

impl UpdateCheck {
    /// Chooses the release to offer, and says why it is this one or none.
    pub(super) fn choose<'a>(&self, inputs: DecisionInputs<'a>) -> Known<Choice<'a>> {
        let current = match self.validate(inputs) {
            Ok(current) => current,
            Err(reason) => return Ok((reason, None)),
        };
        let Some(head) = inputs.head else { return Ok((DecisionReason::NoRelease, None)) };
        let search = Search { check: self, head, inputs };
        let (upper, obstacle) = match search.stepping_stone(current)? {
            None => (Bound::Unbounded, None),
            Some(SteppingStone { offer: Ok(stone), .. }) => {
                return Ok((DecisionReason::UpdateAvailable, Some(stone)));
            }
            Some(SteppingStone { offer: Err(obstacle), version }) => {
                (Bound::Excluded(version), Some(obstacle))
            }
        };
        let span = VersionSpan { upper, above: Some(current.clone()) };
        if let Some(best) = search.newest(span)? {
            return Ok((DecisionReason::UpdateAvailable, Some(best)));
        }
        if inputs.policy.blocks(current) || search.is_revoked(current)? {
            return search.downgrade(current);
        }
        Ok((obstacle.unwrap_or_else(|| search.obstacle_above(current)), None))
    }
}

impl<'a> Search<'a, '_> {
    fn policy(&self) -> &'a Policy {
        self.inputs.policy
    }

    /// The newest live release in a span that may be offered to the client.
    fn newest(&self, span: VersionSpan) -> Known<Option<Cow<'a, LiveRelease>>> {
        for recent in self.head.recent.iter().filter(|one| is_within(&span.upper, &one.version)) {
            if span.ends_before(&recent.version) {
                return Ok(None);
            }
            if self.check.obstacle(recent.into(), self.inputs).is_none() {
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
        let found = self.inputs.lookups.get(Lookup::Release(version.clone()))?;
        if let Some(release) = found.filter(|one| self.check.may_be_offered(one, self.inputs)) {
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
        let found = self.inputs.lookups.get(Lookup::Newest(span))?;
        Ok(found.map(|release| Cow::Owned(LiveRelease::from(release))))
    }

    /// Whether the installed version is revoked. Its row is looked up only if it may be.
    fn is_revoked(&self, current: &Version) -> Known<bool> {
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
        let release = self.inputs.lookups.get(Lookup::Release(current.clone()))?;
        Ok(release.is_some_and(|release| release.status == ReleaseStatus::Revoked))
    }

    /// For a client whose version is revoked or blocked, and that has nothing higher to go to.
    fn downgrade(&self, current: &Version) -> Known<Choice<'a>> {
        let nothing = (DecisionReason::CurrentVersionRevoked, None);
        if !self.policy().allow_downgrade.unwrap_or(false) {
            return Ok(nothing);
        }
        let span = VersionSpan { upper: Bound::Excluded(current.clone()), above: None };
        let below = self.newest(span)?;
        Ok(below.map_or(nothing, |live| (DecisionReason::DowngradeAvailable, Some(live))))
    }

    /// Why the client is not offered the newest release, if that is above the installed version.
    fn obstacle_above(&self, current: &Version) -> DecisionReason {
        let newest = self.head.recent.first();
        let obstacle = newest
            .filter(|newest| newest.version > *current)
            .and_then(|newest| self.check.obstacle(newest.into(), self.inputs));
        let nothing =
            if newest.is_none() { DecisionReason::NoRelease } else { DecisionReason::UpToDate };
        obstacle.unwrap_or(nothing)
    }
}

fn is_within(upper: &Bound<Version>, version: &Version) -> bool {
    match upper {
        Bound::Unbounded => true,
        Bound::Included(upper) => version <= upper,
        Bound::Excluded(upper) => version < upper,
    }
}
