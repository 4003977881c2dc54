//! Approvals: a change on a channel that asks for sign-off waits until others have approved exactly
//! that change, `pending -> approved -> used`, and is made once then.

mod change;
mod votes;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::change::{GatedChange, GatedOperation};
pub use self::votes::{NewApproval, NewRejection, Rejection, Voter};
use crate::page::Listed;
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
    /// Number of others who have to approve.
    pub required_approvals: u32,
    /// Who has approved.
    pub approvals: Vec<Voter>,
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
    /// SHA-256 digest of `change` in canonical form (RFC 8785). An approver names it, and no change
    /// with another digest is made by the approval.
    pub change_sha256: Sha256,
    /// The change: what is done, and what there will be when it is.
    pub change: Value,
}

impl Listed for Approval {
    const MEMBER: &'static str = "approvals";
}

impl Approval {
    /// The request of `by` to make `change`, which needs the approval of `required` others.
    #[must_use]
    pub fn requested(id: ApprovalId, change: GatedChange, required: u32, by: Voter) -> Self {
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

    /// The approval as it stands at `now`: its time may be over.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        let is_open = matches!(self.status, ApprovalStatus::Pending | ApprovalStatus::Approved);
        let is_over = is_open && now >= self.expires_at;
        Self { status: if is_over { ApprovalStatus::Expired } else { self.status }, ..self }
    }

    /// Whether nobody has to approve any more, where `required` others have to by the rule of today.
    #[must_use]
    pub fn suffices(&self, required: u32) -> bool {
        let required = usize::try_from(required.max(self.required_approvals)).unwrap_or(usize::MAX);
        let others = self.approvals.iter().map(|voter| voter.actor.as_str());
        let others: BTreeSet<&str> =
            others.filter(|actor| *actor != self.requested_by.actor).collect();
        self.status == ApprovalStatus::Approved && others.len() >= required
    }

    /// Whether it can still be approved at `now`, or used.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        let status = self.clone().as_of(now).status;
        matches!(status, ApprovalStatus::Pending | ApprovalStatus::Approved)
    }

    /// The approval, waiting for as many others as the rule of today asks for: it may be stronger than
    /// the one that stood at the request.
    #[must_use]
    pub fn with_required(mut self, required: u32) -> Self {
        self.required_approvals = self.required_approvals.max(required);
        self.status = ApprovalStatus::Pending;
        self
    }

    /// The approval, used at `now`.
    #[must_use]
    pub fn used(self, now: Timestamp) -> Self {
        Self { status: ApprovalStatus::Used, used_at: Some(now), ..self }
    }
}

#[cfg(test)]
mod laws;
