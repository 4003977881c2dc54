//! Who does something, when, in which request: what every change is recorded with.

use jiff::{SignedDuration, Timestamp};
use slipway_domain::audit::{AuditEvent, AuditSubject, EventType};
use slipway_domain::{Channel, Error, EventId, ProductId, Result};
use slipway_snapshot::CatalogChange;

use crate::idempotency::IdempotencyRecord;
use crate::schema;
use crate::store::{Row, Transaction};

/// How long an outbox row waits for the stream that reads it: a day is what DynamoDB Streams keep.
pub(crate) const OUTBOX_LIFETIME: SignedDuration = SignedDuration::from_hours(48);

/// One change, about to be made.
#[derive(Debug, Clone)]
pub struct AuditContext {
    /// When.
    pub now: Timestamp,
    /// By whom.
    pub actor: String,
    /// Their display name.
    pub actor_name: Option<String>,
    /// In which request.
    pub request_id: String,
    /// The id of its audit event.
    pub event_id: EventId,
    /// How long the event is kept; for ever, if that is `None`.
    pub retention: Option<SignedDuration>,
    /// How its request is answered, if the request has an idempotency key: a repetition gets the
    /// same.
    pub response: Option<IdempotencyRecord>,
}

impl AuditContext {
    /// A change that `actor` makes at `now`, in the request `request_id`. Nobody repeats it by an
    /// idempotency key, and its event is kept for ever.
    #[must_use]
    pub fn new(now: Timestamp, actor: &str, request_id: &str, event_id: EventId) -> Self {
        let (actor, request_id) = (actor.to_owned(), request_id.to_owned());
        Self { now, actor, actor_name: None, request_id, event_id, retention: None, response: None }
    }

    /// Adds to `tx` the audit event of this change of `subject`, and the response to its request.
    /// The event's row must not exist: nothing that is recorded is ever overwritten.
    pub(crate) fn record<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        event_type: EventType,
        subject: impl Into<AuditSubject>,
    ) -> Result<()> {
        let event = self.event(event_type, subject);
        for row in rows_of(&event)? {
            let message = format!("the audit event {} is recorded already", self.event_id);
            tx.create(self.kept(row))?.or(Error::internal(message));
        }
        self.response.as_ref().map_or(Ok(()), |record| record.add_to(tx))
    }

    /// `row` with the time after which DynamoDB may delete it.
    pub(crate) fn kept(&self, row: Row) -> Row {
        match self.retention.map(|retention| self.now.saturating_add(retention)) {
            Some(end) => row.expires_at(end.unwrap_or(Timestamp::MAX)),
            None => row,
        }
    }

    /// The audit event of this change of `subject`.
    pub(crate) fn event(
        &self,
        event_type: EventType,
        subject: impl Into<AuditSubject>,
    ) -> AuditEvent {
        let event = AuditEvent {
            event_id: self.event_id.clone(),
            event_type,
            actor: self.actor.clone(),
            actor_name: self.actor_name.clone(),
            subject: String::new(),
            product_id: None,
            release_id: None,
            tenant_id: None,
            at: self.now,
            request_id: self.request_id.clone(),
            before: None,
            after: None,
        };
        event.about(subject.into())
    }

    /// Adds to `tx` the outbox row: what clients get of `product` on `channel` has changed.
    pub(crate) fn announce<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        event_type: EventType,
        product: &ProductId,
        channel: &Channel,
    ) -> Result<()> {
        let change = CatalogChange {
            event_id: self.event_id.clone(),
            event_type,
            product_id: product.clone(),
            channel: channel.clone(),
            at: self.now,
        };
        if !change.makes_snapshots() {
            let message = format!("{event_type:?} is announced, and makes no snapshots");
            return Err(Error::internal(message));
        }
        let end = self.now.saturating_add(OUTBOX_LIFETIME).unwrap_or(Timestamp::MAX);
        tx.put(Row::new(schema::outbox(&self.event_id), &change)?.expires_at(end))
    }
}

/// The row of an event, in the partition of its day and in the indexes by actor and by product or
/// tenant. An event of both has a second row for its tenant: each index has one place for a row.
fn rows_of(event: &AuditEvent) -> Result<Vec<Row>> {
    let AuditEvent { event_id, actor, product_id, tenant_id, at, .. } = event;
    let row = Row::new(schema::audit(*at, event_id), event)?
        .indexed(schema::audit_of_actor(actor, event_id));
    Ok(match (product_id, tenant_id) {
        (None, None) => vec![row],
        (Some(product), None) => vec![row.indexed(schema::audit_of_product(product, event_id))],
        (None, Some(tenant)) => vec![row.indexed(schema::audit_of_tenant(tenant, event_id))],
        (Some(product), Some(tenant)) => vec![
            row.indexed(schema::audit_of_product(product, event_id)),
            Row::new(schema::audit_for_tenant(tenant, event_id), event)?
                .indexed(schema::audit_of_tenant(tenant, event_id)),
        ],
    })
}
