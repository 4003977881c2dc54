//! Approvals: a change on a channel that asks for sign-off waits until others have approved exactly
//! that change, `pending -> approved -> used`, and is made once then.

mod change;
mod described;
mod effect;
mod request;
mod sample;
mod votes;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::change::product_after;
pub use self::change::{GatedChange, GatedOperation};
pub use self::effect::{ApprovalEffect, KindChange};
pub use self::request::RequestOutcome;
pub use self::sample::{
    EffectSample, MAX_CHANNELS as MAX_SAMPLED_CHANNELS, Machine, RolloutPart, SampleClient,
    SampledChannel, SampledVersion, live_versions,
};
pub use self::votes::{NewApproval, NewRejection, Rejection, Vote, Voter};
use crate::page::Listed;
use crate::product::Product;
use crate::{ApprovalId, Channel, ProductId, ReleaseId, Sha256, Version};

/// How long others can approve a change, and how long it can be made once they have: seven days from
/// the request.
pub const APPROVAL_LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What has become of a request for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalStatus {
    /// It waits for approvals.
    Pending,
    /// All have approved that have to: whoever repeats the request of the change makes it.
    Approved,
    /// Somebody has rejected it.
    Rejected,
    /// Its time was over before the change was made.
    Expired,
    /// The change was made.
    Used,
}

/// The approval of a change by others than who asks for it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Approval {
    /// Id of the approval.
    pub approval_id: ApprovalId,
    /// What has become of it.
    pub status: ApprovalStatus,
    /// Operation that makes the change.
    pub operation: GatedOperation,
    /// Id of the product.
    pub product_id: ProductId,
    /// Channel whose clients are concerned; of a change of the product, the one whose rule is weakened.
    pub channel: Channel,
    /// Id of the release that is published, promoted or changed; null for release-create and
    /// product-update.
    pub release_id: Option<ReleaseId>,
    /// Version of the release; null for product-update.
    pub version: Option<Version>,
    /// Number of others who have to approve: while it waits, by the rule that the product has now; 0 if
    /// that asks for none any more.
    pub required_approvals: u32,
    /// Who has approved, and whether it counts.
    pub approvals: Vec<Vote>,
    /// Who has rejected it, and why; null if nobody has.
    pub rejection: Option<Rejection>,
    /// Who asks for the change.
    pub requested_by: Voter,
    /// Time of expiry, RFC 3339, UTC: at it nobody approves any more, and the change is not made.
    #[schemars(with = "crate::page::Rfc3339")]
    pub expires_at: Timestamp,
    /// When the change was made, RFC 3339, UTC; null if it was not.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub used_at: Option<Timestamp>,
    /// SHA-256 digest of `change` in canonical form (RFC 8785), all of its members included: whoever
    /// computes it from `change` gets this one. An approver names it, and no change with another digest
    /// is made by the approval.
    pub change_sha256: Sha256,
    /// The change: what is done, and what there will be when it is. Its `context` is the same in every
    /// change: it sets their digests apart from those of other documents.
    pub change: Value,
}

impl Listed for Approval {
    const MEMBER: &'static str = "approvals";
}

impl Approval {
    /// The request of `by` to make `change`, which needs the approval of `required` others.
    fn requested(id: ApprovalId, change: GatedChange, required: u32, by: Voter) -> Self {
        Self {
            approval_id: id,
            status: ApprovalStatus::Pending,
            operation: change.operation,
            product_id: change.product_id,
            channel: change.channel,
            release_id: change.release_id,
            version: change.version,
            required_approvals: required,
            approvals: Vec::new(),
            rejection: None,
            expires_at: by.at.saturating_add(APPROVAL_LIFETIME).unwrap_or(Timestamp::MAX),
            requested_by: by,
            used_at: None,
            change_sha256: change.sha256,
            change: change.description,
        }
    }

    /// The approval as it stands at `now`, where `required` others have to approve by the rule of today,
    /// and `counts` tells whose approval still does. What was used or rejected, or has expired, stays as
    /// it is.
    #[must_use]
    pub fn evaluated(
        mut self,
        now: Timestamp,
        required: u32,
        counts: impl Fn(&Voter) -> bool,
    ) -> Self {
        if self.is_open(now) {
            for vote in &mut self.approvals {
                vote.counts = counts(&vote.voter);
            }
            return self.decided(required);
        }
        let status = if self.is_undecided() { ApprovalStatus::Expired } else { self.status };
        Self { status, ..self }
    }

    /// The approval while it waits, which `required` others may have approved.
    fn decided(self, required: u32) -> Self {
        let is_enough = self.counted() >= usize::try_from(required).unwrap_or(usize::MAX);
        let status = if is_enough { ApprovalStatus::Approved } else { ApprovalStatus::Pending };
        Self { status, required_approvals: required, ..self }
    }

    /// How many others have approved it, whose approval counts.
    fn counted(&self) -> usize {
        let votes = self.approvals.iter().filter(|vote| vote.counts);
        let actors = votes.map(|vote| vote.voter.actor.as_str());
        actors.filter(|actor| *actor != self.requested_by.actor).collect::<BTreeSet<_>>().len()
    }

    /// Whether it can still be approved at `now`, or used.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.is_undecided() && now < self.expires_at
    }

    /// Whether it was neither used nor rejected.
    fn is_undecided(&self) -> bool {
        matches!(self.status, ApprovalStatus::Pending | ApprovalStatus::Approved)
    }

    /// How many others have to approve it by the rules of `product`, as that is today.
    #[must_use]
    pub fn required_by(&self, product: &Product) -> u32 {
        match self.operation {
            GatedOperation::ProductUpdate => {
                let after = product_after(&self.change, product.updated_at);
                let weakened = after.as_ref().and_then(|after| product.weakened_sign_off(after));
                weakened.map_or(0, |(_, required)| required)
            }
            _ => product.required_approvals(&self.channel),
        }
    }

    /// The approval, used at `now`.
    #[must_use]
    fn used(self, now: Timestamp) -> Self {
        Self { status: ApprovalStatus::Used, used_at: Some(now), ..self }
    }
}
