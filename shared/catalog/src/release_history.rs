//! The history of releases: a row for each change, in the partition of the release's id, written
//! with the change.

use slipway_domain::audit::{AuditEvent, EventType};
use slipway_domain::page::Page;
use slipway_domain::release::{Release, ReleaseChange};
use slipway_domain::{ReleaseId, Result};

use crate::audit::AuditContext;
use crate::schema::{self, Key, SK};
use crate::store::{KeyQuery, Reader, Row, StartKey, Transaction, text};

impl Reader {
    /// A page of the changes of a release, newest first.
    ///
    /// # Errors
    /// `not_found` for a release that the principal may not know of; `forbidden` for customers, who
    /// know of it since it is live.
    pub async fn list_release_changes(
        &self,
        id: &ReleaseId,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<ReleaseChange, StartKey>> {
        self.load_release(id).await?;
        self.require_vendor("a release's history")?;
        let Key { pk, sk } = schema::release_changes(id);
        self.table.list(&[KeyQuery::of_table(pk, sk)], limit, start, |_| true).await
    }

    /// The keys of all changes of a release, oldest first.
    pub(crate) async fn release_change_keys(&self, id: &ReleaseId) -> Result<Vec<Key>> {
        let Key { pk, sk: prefix } = schema::release_changes(id);
        let rows = self.table.partition(&pk).await?;
        let keys = rows.iter().filter_map(|row| text(row, SK));
        let keys = keys.filter(|sk| sk.starts_with(&prefix));
        Ok(keys.map(|sk| Key { pk: pk.clone(), sk: sk.to_owned() }).collect())
    }
}

/// Adds to `tx` a change of a release to its history: from `before`, at its revision, or by its
/// creation. The revision puts changes in order: what was tried first may be done last.
pub(crate) fn add_to_history<T>(
    tx: &mut Transaction<'_, T>,
    before: Option<(&Release, u64)>,
    after: &Release,
    event: EventType,
    audit: &AuditContext,
) -> Result<()> {
    let event = audit.event(event, after.release_id.as_str());
    let key = schema::release_change(&after.release_id, before.map_or(1, |(_, seen)| seen + 1));
    tx.put(Row::new(key, &ReleaseChange::of(before.map(|(release, _)| release), after, &event))?)
}

/// Adds to `tx` what was recorded as `event` about the approval of a change of a release, which has
/// `revision` then.
pub(crate) fn add_approval_to_history<T>(
    tx: &mut Transaction<'_, T>,
    (id, revision): (&ReleaseId, u64),
    event: EventType,
    audit: &AuditContext,
) -> Result<()> {
    let key = schema::release_approval(id, revision, &audit.event_id);
    add_beside_history(tx, key, &audit.event(event, id.as_str()), audit)
}

/// Adds to `tx` the place at `key` of `event` among the events of a release that has not changed by
/// it.
pub(crate) fn add_beside_history<T>(
    tx: &mut Transaction<'_, T>,
    key: Key,
    event: &AuditEvent,
    audit: &AuditContext,
) -> Result<()> {
    tx.put(audit.kept(Row::new(key, &ReleaseChange::beside(event))?))
}
