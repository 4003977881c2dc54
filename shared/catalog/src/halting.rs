//! Halting: what clients report pauses the rollout of their release.
//!
//! Each report of a release that may be halted writes, in its own transaction, a row that the
//! table's stream hands to a job: no report is overlooked, and where nobody reports nothing is
//! asked. So does a change of a live release's rule, which earlier reports may meet already. The
//! function that takes reports can write no release.

use std::collections::BTreeSet;

use slipway_domain::audit::EventType;
use slipway_domain::outcome::OutcomeCounts;
use slipway_domain::release::Release;
use slipway_domain::{Code, ReleaseId, Result, Timestamp};

use crate::audit::{AuditContext, OUTBOX_LIFETIME};
use crate::schema;
use crate::store::{KeyQuery, Reader, Row, Transaction, Writer};

pub use crate::schema::HALT_CHECKS;

/// A release whose reports are to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaltCheck {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Time of the report, or of the change of the rule.
    pub at: Timestamp,
}

impl HaltCheck {
    /// The releases of `checks`, each once.
    #[must_use]
    pub fn releases(checks: Vec<Self>) -> BTreeSet<ReleaseId> {
        checks.into_iter().map(|check| check.release_id).collect()
    }
}

/// Adds to `tx` what has the reports of `release` looked at, if they may halt it. `id` is of the
/// report or change that asks for it.
pub(crate) fn add_check<T>(
    tx: &mut Transaction<'_, T>,
    release: &Release,
    id: &str,
    at: Timestamp,
) -> Result<()> {
    if !release.may_be_halted() {
        return Ok(());
    }
    let check = HaltCheck { release_id: release.release_id.clone(), at };
    let key = schema::halt_check(&release.release_id, at, id);
    let end = at.saturating_add(OUTBOX_LIFETIME).unwrap_or(Timestamp::MAX);
    tx.put(Row::new(key, &check)?.expires_at(end))
}

impl Reader {
    /// What has been reported of `release` in its round.
    async fn outcomes_of_round(&self, release: &Release, now: Timestamp) -> Result<OutcomeCounts> {
        let round = schema::outcome_counters_of_round(release.halting.round);
        let which = KeyQuery::of_table(schema::outcome_counters(&release.release_id), round);
        let mut sum = OutcomeCounts::default();
        for day in self.counters(&which, now).await? {
            sum.merge(day.counts);
        }
        Ok(sum)
    }
}

impl Writer {
    /// Pauses the rollout of a release if what its clients have reported halts it. Nothing happens
    /// where it is paused or revoked already, or no release any more.
    pub async fn halt_release(&self, id: &ReleaseId, audit: &AuditContext) -> Result<()> {
        let attempt = self.table.transact(|mut tx| async move {
            let seen = self.load_release_to_change(id).await?;
            if !seen.value.may_be_halted() {
                return Ok(tx.returning(()));
            }
            let counts = self.outcomes_of_round(&seen.value, audit.now).await?;
            if let Some(release) = seen.value.halted(&counts, audit.now) {
                let event = EventType::ReleaseHalted;
                self.add_change(&mut tx, &seen, &release, event, audit).await?;
            }
            Ok(tx.returning(()))
        });
        match attempt.await {
            Err(error) if error.code() == Code::NotFound => Ok(()),
            outcome => outcome,
        }
    }
}
