//! Reading the audit log: by time, by actor, by product or tenant, and by release.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use slipway_domain::audit::{AuditEvent, AuditFilter, EventType};
use slipway_domain::page::Page;
use slipway_domain::product::ProductRef;
use slipway_domain::release::ReleaseChange;
use slipway_domain::{EventId, ReleaseId, Result, Scope};

use crate::authorization::{Protected, Resource};
use crate::schema::{self, Index, PK};
use crate::store::{Consistency, KeyQuery, Reader, StartKey, decode};

/// How far back the log is read by time alone, where no beginning is given.
const WINDOW: SignedDuration = SignedDuration::from_hours(31 * 24);
/// No event is of an earlier day.
const FIRST_DAY: Date = jiff::civil::date(2025, 1, 1);

impl Protected for AuditEvent {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl Reader {
    /// A page of the events that `filter` keeps, newest first.
    ///
    /// Events of a release are found by its history, by the approvals of its changes and by the
    /// uploads for it, those of a tenant, product or actor in the index, all others by day. What
    /// else is asked for is looked at event by event: where few are kept, a page ends after a
    /// bounded number of events, with fewer of them or none, and the next one goes on from there.
    ///
    /// # Errors
    /// `invalid_cursor` for a position in a list that is read elsewhere.
    pub async fn list_audit_events(
        &self,
        filter: &AuditFilter,
        now: Timestamp,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<AuditEvent, StartKey>> {
        if let Some(release) = &filter.release_id
            && self.has_history(release, start.as_ref()).await?
        {
            return self.list_events_of_release(release, filter, limit, start).await;
        }
        let keep = |event: &AuditEvent| self.can_see(event.resource()) && filter.keeps(event);
        match index_partition(filter) {
            Some(partition) => self.table.list(&[partition], limit, start, keep).await,
            None => self.table.list_sparse(&days(filter, now), limit, start, keep).await,
        }
    }

    /// A page of the events of a product and of what belongs to it, newest first. Events of a
    /// tenant that the principal may not know of are left out.
    ///
    /// # Errors
    /// `not_found` for a product that the principal may not know of; `forbidden` for customers.
    pub async fn list_product_activity(
        &self,
        name: &ProductRef,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<AuditEvent, StartKey>> {
        let product = self.get_product(name).await?.product_id;
        self.require_vendor("a product's activity")?;
        let partition = KeyQuery::of_index(Index::ByRelation, schema::audit_of(&product));
        let keep = |event: &AuditEvent| self.may_know_of(event);
        self.table.list(&[partition], limit, start, keep).await
    }

    /// Whether the principal may read what `event` tells: nothing of tenants that it may not know
    /// of, and policies only with a scope that reads them.
    fn may_know_of(&self, event: &AuditEvent) -> bool {
        let is_of_policy =
            matches!(event.event_type, EventType::PolicyUpdated | EventType::PolicyDeleted);
        let reads = |scope| self.principal.has_scope(scope);
        let tenant = event.tenant_id.as_ref();
        tenant.is_none_or(|tenant| self.principal.can_see_tenant(tenant))
            && (!is_of_policy || reads(Scope::AdminRead) || reads(Scope::AuditRead))
    }

    /// Whether the events of a release are read by its history: not those of a draft that was
    /// deleted, whose history is gone. A page goes on where the one before it was read.
    async fn has_history(&self, id: &ReleaseId, start: Option<&StartKey>) -> Result<bool> {
        let history = schema::release_changes(id);
        if let Some(start) = start {
            return Ok(start.get(PK) == Some(&history.pk));
        }
        let first = self.table.descend(&history, None, 1, Consistency::Strong).await?;
        Ok(!first.rows.is_empty())
    }

    async fn list_events_of_release(
        &self,
        id: &ReleaseId,
        filter: &AuditFilter,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<AuditEvent, StartKey>> {
        let all = [
            schema::release_changes(id),
            schema::release_approvals(id),
            schema::uploads_for_release(id),
        ];
        let keep = |change: &ReleaseChange| {
            self.can_see(Resource::Deployment)
                && filter.keeps_kind(change.event_type, &change.actor)
                && filter.keeps_time(change.at)
        };
        let changes = self.table.list_merged(&all, limit, start, keep).await?;
        let mut items = self.events_of(&changes.items).await?;
        items.retain(|event| filter.keeps(event));
        Ok(Page { items, next: changes.next })
    }

    /// The events that are kept of those of `changes`, in their order.
    async fn events_of(&self, changes: &[ReleaseChange]) -> Result<Vec<AuditEvent>> {
        let keys = changes.iter().map(|change| schema::audit(change.at, &change.event_id));
        let rows = self.table.batch_get(keys.collect(), Consistency::Eventual).await?;
        let events = rows.iter().map(|row| Ok(decode::<AuditEvent>(row)?.value));
        let events = events.map(|event| event.map(|event| (event.event_id.clone(), event)));
        let mut events: HashMap<EventId, AuditEvent> = events.collect::<Result<_>>()?;
        Ok(changes.iter().filter_map(|change| events.remove(&change.event_id)).collect())
    }
}

/// The partition of an index that has all that `filter` keeps.
fn index_partition(filter: &AuditFilter) -> Option<KeyQuery> {
    let (index, pk) = match (&filter.tenant_id, &filter.product_id, &filter.actor) {
        (Some(tenant), _, _) => (Index::ByRelation, schema::audit_of(tenant)),
        (None, Some(product), _) => (Index::ByRelation, schema::audit_of(product)),
        (None, None, Some(actor)) => (Index::ByKind, schema::audit_by(actor.as_str())),
        (None, None, None) => return None,
    };
    let (from, to) = bounds(filter);
    Some(KeyQuery::of_index_between(index, pk, from, to))
}

/// The partitions of the days that `filter` is about, the last one first.
fn days(filter: &AuditFilter, now: Timestamp) -> Vec<KeyQuery> {
    let end = filter.end_time.map_or(now, |end| end.min(now));
    let start = filter.start_time.or_else(|| end.checked_sub(WINDOW).ok());
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let first = start.map_or(FIRST_DAY, day).max(FIRST_DAY);
    let (from, to) = bounds(filter);
    let back = std::iter::successors(Some(day(end)), |day| day.yesterday().ok());
    back.take_while(|day| *day >= first)
        .map(|day| KeyQuery::of_table_between(schema::audit_day(day), from.clone(), to.clone()))
        .collect()
}

/// Between which ids the events are that `filter` keeps by their time.
fn bounds(filter: &AuditFilter) -> (String, String) {
    let from = filter.start_time.unwrap_or(Timestamp::UNIX_EPOCH);
    let to = filter.end_time.map_or_else(schema::audit_end, schema::audit_from);
    (schema::audit_from(from), to)
}
