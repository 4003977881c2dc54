//! Who approves the promotion of a release bundle, and who rejects it.
//!
//! The rules are those of sign-off of installers: whoever asks for a change doesn't approve it,
//! each actor counts once, and an approval counts while the credential that gave it does.

use std::collections::BTreeSet;

use slipway_domain::approval::{Rejection, Vote, Voter};
use slipway_domain::text::Reason;
use slipway_domain::{Code, Error, Result, Timestamp};

use crate::promotion::{BundlePromotion, BundlePromotionStatus};

impl BundlePromotion {
    /// The promotion as it stands now, where its environment asks for `required` approvals, and
    /// `counts` tells whose approval still does. One that does not wait stays as it is.
    #[must_use]
    pub fn evaluated(mut self, required: u32, counts: impl Fn(&Voter) -> bool) -> Self {
        if self.status != BundlePromotionStatus::AwaitingApproval {
            return self;
        }
        for vote in &mut self.approvals {
            vote.counts = counts(&vote.voter);
        }
        Self { required_approvals: required, ..self }
    }

    /// The promotion, [evaluated](Self::evaluated) by now, approved by one more, with which it
    /// begins where that is enough; `None` where nothing changes by it.
    ///
    /// # Errors
    /// `forbidden` for who asked for it; `stale_state` where it does not wait any more.
    pub fn approved(&self, by: Voter) -> Result<Option<Self>> {
        if by.actor == self.created_by {
            let message = format!("{} asked for this promotion; others approve it", by.actor);
            return Err(Error::new(Code::Forbidden, message));
        }
        let is_own = |vote: &Vote| vote.voter.actor == by.actor;
        let has_approved = self.approvals.iter().any(|vote| is_own(vote) && vote.counts);
        if has_approved && self.status == BundlePromotionStatus::InProgress {
            return Ok(None);
        }
        self.require(BundlePromotionStatus::AwaitingApproval)?;
        let (mut next, now) = (self.clone(), by.at);
        if !has_approved {
            next.approvals.retain(|vote| !is_own(vote));
            next.approvals.push(Vote { voter: by, counts: true });
        }
        let next = next.begun_if_approved(now);
        Ok((!has_approved || next.status != self.status).then_some(next))
    }

    /// The promotion, rejected before it begins.
    ///
    /// # Errors
    /// `stale_state` where it does not wait for approvals.
    pub fn rejected(&self, by: Voter, reason: Option<Reason>) -> Result<Self> {
        self.require(BundlePromotionStatus::AwaitingApproval)?;
        Ok(Self {
            status: BundlePromotionStatus::Rejected,
            completed_at: Some(by.at),
            rejection: Some(Rejection { by, reason }),
            ..self.clone()
        })
    }

    /// The promotion while it waits, which begins at `now` if as many have approved as have to.
    pub(crate) fn begun_if_approved(self, now: Timestamp) -> Self {
        if self.counted() < usize::try_from(self.required_approvals).unwrap_or(usize::MAX) {
            return self;
        }
        Self { status: BundlePromotionStatus::InProgress, started_at: Some(now), ..self }
    }

    /// How many others have approved it, whose approval counts.
    fn counted(&self) -> usize {
        let votes = self.approvals.iter().filter(|vote| vote.counts);
        let actors = votes.map(|vote| vote.voter.actor.as_str());
        actors.filter(|actor| *actor != self.created_by).collect::<BTreeSet<_>>().len()
    }
}
