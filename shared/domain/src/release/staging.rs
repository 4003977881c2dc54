//! The rollout of a release: as it is published with, changed, paused, and moved on by its steps.

use jiff::Timestamp;

use super::{NewPromotion, Publication, Release, ReleaseStatus};
use crate::Result;
use crate::rollout::{NewRollout, RolloutChange, StagedRollout};

impl Publication {
    /// The rollout that it asks for, if it does.
    pub(super) fn planned_rollout(&self) -> Result<Option<StagedRollout>> {
        self.rollout.as_ref().map(|rollout| rollout.planned("rollout")).transpose()
    }
}

impl NewPromotion {
    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        self.planned_rollout().map(drop)
    }

    /// The rollout that it asks for: without one, all clients.
    pub(super) fn planned_rollout(&self) -> Result<StagedRollout> {
        let rollout = self.rollout.as_ref().map(|rollout| rollout.planned("rollout"));
        rollout.transpose().map(Option::unwrap_or_default)
    }
}

impl Release {
    /// The release with its rollout changed at `now`; `None` if that changes nothing. The clock of
    /// steps begins at once where the release is published, and with the publication of a draft. A
    /// halted rollout stays paused, unless the change says that it is not.
    ///
    /// # Errors
    /// `stale_state` for a revoked release, `invalid_field` as for [`NewRollout::check_change`].
    pub fn rolled_out(&self, change: &NewRollout, now: Timestamp) -> Result<Option<Self>> {
        change.check_change()?;
        if self.status == ReleaseStatus::Revoked {
            return Err(self.withdrawn("it is offered to no one"));
        }
        let halted = self.halting.halted.is_some().then_some(true);
        let change = NewRollout { paused: change.paused.or(halted), ..change.clone() };
        let rollout = match change.changed(&self.rollout, now)? {
            RolloutChange::Begins(planned) if self.status == ReleaseStatus::Published => {
                planned.started(now)
            }
            RolloutChange::Begins(rollout) | RolloutChange::GoesOn(rollout) => rollout,
        };
        let is_resumed = self.rollout.current.paused && !rollout.current.paused;
        let halting = if is_resumed { self.halting.resumed() } else { self.halting.clone() };
        Ok((self.rollout != rollout).then(|| Self { rollout, halting, ..self.clone() }))
    }

    /// The release with the share of clients that is due at `now` by the steps of its rollout;
    /// `None` if none is due, or clients do not get it.
    #[must_use]
    pub fn advanced(&self, now: Timestamp) -> Option<Self> {
        let rollout = self.rollout.advanced(now)?;
        (self.status == ReleaseStatus::Published).then(|| Self { rollout, ..self.clone() })
    }
}
