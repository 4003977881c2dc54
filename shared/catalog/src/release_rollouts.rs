//! Rollouts of releases: changed by requests, and moved on by the clock. A release whose rollout
//! has a step to come has a row among those that are due, at its time: it is written, moved and
//! deleted with the release.

use slipway_domain::approval::GatedOperation;
use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::rollout::NewRollout;
use slipway_domain::{ReleaseId, Result, Timestamp};

use crate::approvals::{SignOff, SignOffContext};
use crate::audit::AuditContext;
use crate::schema::{self, Key};
use crate::sign_off::ReleaseOperation;
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Transaction, Writer};

/// A rollout that waits for its next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRollout {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// When the step is due.
    pub due_at: Timestamp,
}

impl DueRollout {
    /// That of a release; `None` unless clients get it and it has a step to come.
    fn of(release: &Release) -> Option<Self> {
        let due_at = release.rollout.next_step_at()?;
        let release_id = release.release_id.clone();
        (release.status == ReleaseStatus::Published).then_some(Self { release_id, due_at })
    }

    fn key(&self) -> Key {
        schema::due_rollout(self.due_at, &self.release_id)
    }
}

impl Reader {
    /// A page of the rollouts whose next step is due at `now`, those that are due for the shortest
    /// time first.
    pub async fn list_due_rollouts(
        &self,
        now: Timestamp,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<DueRollout, StartKey>> {
        // Positions have whole milliseconds: below the next one are those of this one.
        let next = now.saturating_add(jiff::SignedDuration::from_millis(1)).unwrap_or(now);
        let due = KeyQuery::of_table_below(schema::due_rollouts(), schema::time(next));
        self.list(&[due], limit, start, |_| true).await
    }
}

impl Writer {
    /// Changes whom a release is offered to. `check` judges the release as it stands before the
    /// change.
    ///
    /// # Errors
    /// `not_found`; what `check` refuses; as for [`Release::rolled_out`].
    pub async fn set_rollout(
        &self,
        id: &ReleaseId,
        rollout: &NewRollout,
        check: impl Fn(&Release) -> Result<()>,
        (audit, sign_off): (&AuditContext, &SignOffContext),
    ) -> Result<SignOff<Release>> {
        let change = |release: &Release| {
            check(release).and_then(|()| release.rolled_out(rollout, audit.now))
        };
        let event = EventType::ReleaseRolloutChanged;
        let operation = GatedOperation::ReleaseRollout;
        let operation = ReleaseOperation { operation, event, audit, sign_off };
        self.change_with_sign_off(id, change, operation).await
    }

    /// Moves the rollout of a release on to the share that is due. Where it was paused, changed or
    /// revoked since `due` was read, or has been moved on already, nothing happens, but that `due`
    /// is deleted if it is no longer that of the release: a version that knows no steps has changed
    /// the release.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn advance_rollout(&self, due: &DueRollout, audit: &AuditContext) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                let seen = self.load_release_to_change(&due.release_id).await?;
                if let Some(release) = seen.value.advanced(audit.now) {
                    let event = EventType::ReleaseRolloutStep;
                    self.add_change(&mut tx, &seen, &release, event, audit).await?;
                } else if DueRollout::of(&seen.value).as_ref() != Some(due) {
                    let Stored { value, rev } = &seen;
                    tx.require_unchanged(&crate::releases::key(value), rev.get())?;
                    tx.delete_if_exists(&due.key())?;
                }
                Ok(tx.returning(()))
            })
            .await
    }
}

/// Adds to `tx` what moves a release among the rollouts that are due, from where it stood `before`.
pub(crate) fn move_due_rollout<T>(
    tx: &mut Transaction<'_, T>,
    before: Option<&Release>,
    after: &Release,
) -> Result<()> {
    let (before, after) = (before.and_then(DueRollout::of), DueRollout::of(after));
    if before == after {
        return Ok(());
    }
    if let Some(due) = before {
        tx.delete_if_exists(&due.key())?;
    }
    match after {
        Some(due) => tx.put(Row::new(due.key(), &due)?),
        None => Ok(()),
    }
}
