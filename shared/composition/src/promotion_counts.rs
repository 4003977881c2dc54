//! How many promotions of a release bundle stand where: they say where it stands itself.

use crate::bundle::{BundleEvent, BundleStatus, NotAllowed};
use crate::promotion::BundlePromotionStatus;

/// How many promotions of a release bundle are open, and whether one has ever ended well. Several
/// are open at once where they lead to different environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PromotionCounts {
    /// How many wait for approvals.
    pub awaiting_approval: u32,
    /// How many are carried out.
    pub in_progress: u32,
    /// Whether the bundle was ever deployed in an environment.
    pub was_deployed: bool,
}

impl PromotionCounts {
    /// These, once one of the promotions has come to stand at `after`: a new one, or one that stood
    /// at `before`.
    #[must_use]
    pub fn with_step(
        self,
        before: Option<BundlePromotionStatus>,
        after: BundlePromotionStatus,
    ) -> Self {
        use BundlePromotionStatus::{AwaitingApproval, Deployed, InProgress};
        let count = |number: u32, status| {
            let left = number.saturating_sub(u32::from(before == Some(status)));
            left + u32::from(after == status)
        };
        Self {
            awaiting_approval: count(self.awaiting_approval, AwaitingApproval),
            in_progress: count(self.in_progress, InProgress),
            was_deployed: self.was_deployed || after == Deployed,
        }
    }

    /// Where a bundle at `status` stands, once one of these, which are counted already, has come to
    /// stand at `after`.
    ///
    /// # Errors
    /// [`NotAllowed`] where the bundle can't be promoted.
    pub fn status_after(
        self,
        status: BundleStatus,
        after: BundlePromotionStatus,
    ) -> Result<BundleStatus, NotAllowed> {
        use BundlePromotionStatus::{AwaitingApproval, Deployed, Failed, InProgress, Rejected};
        match after {
            AwaitingApproval => status.after(BundleEvent::PromotionStarted).map(|_| status),
            InProgress => status.after(BundleEvent::PromotionStarted),
            Deployed | Failed => status.after(BundleEvent::PromotionEnded(self.resting_status())),
            Rejected => Ok(status),
        }
    }

    /// How many are open.
    #[must_use]
    pub fn open(self) -> u32 {
        self.awaiting_approval + self.in_progress
    }

    /// Where they leave a bundle that is neither a draft nor deprecated.
    fn resting_status(self) -> BundleStatus {
        match (self.in_progress, self.was_deployed) {
            (1.., _) => BundleStatus::Promoting,
            (0, true) => BundleStatus::Deployed,
            (0, false) => BundleStatus::Ready,
        }
    }
}
