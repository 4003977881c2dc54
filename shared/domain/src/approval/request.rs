//! A request of a change that waits for sign-off, each time that it is made.

use super::{Approval, ApprovalStatus, GatedChange, Voter};
use crate::ApprovalId;

/// What the request of a change comes to that waits for sign-off.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestOutcome {
    /// Nobody was asked, or what others were asked has ended: this approval is asked for.
    Asks(Box<Approval>),
    /// It waits for this approval, which was asked for before.
    Waits(Box<Approval>),
    /// It is made, and this approval, as it is afterwards, is used for it.
    Uses(Box<Approval>),
}

impl GatedChange {
    /// What the request of `by` to make the change comes to, where `required` others have to approve.
    /// `last` is the approval that was last asked for it, [evaluated](Approval::evaluated) by now; `id` is
    /// that of a new one.
    #[must_use]
    pub fn requested(
        self,
        last: Option<Approval>,
        id: ApprovalId,
        required: u32,
        by: Voter,
    ) -> RequestOutcome {
        match last.filter(|last| last.change_sha256 == self.sha256) {
            Some(last) if last.status == ApprovalStatus::Pending => {
                RequestOutcome::Waits(last.into())
            }
            Some(last) if last.status == ApprovalStatus::Approved => {
                RequestOutcome::Uses(last.used(by.at).into())
            }
            _ => RequestOutcome::Asks(Approval::requested(id, self, required, by).into()),
        }
    }
}
