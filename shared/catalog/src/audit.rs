//! Who does something, when, in which request: what every change is recorded with.

use jiff::{SignedDuration, Timestamp};
use slipway_domain::audit::{AuditEvent, EventType};
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
    /// In which request.
    pub request_id: String,
    /// The id of its audit event.
    pub event_id: EventId,
    /// How its request is answered, if the request has an idempotency key: a repetition gets the
    /// same.
    pub response: Option<IdempotencyRecord>,
}

impl AuditContext {
    /// A change that `actor` makes at `now`, in the request `request_id`. Nobody repeats it by an
    /// idempotency key.
    #[must_use]
    pub fn new(now: Timestamp, actor: &str, request_id: &str, event_id: EventId) -> Self {
        let (actor, request_id) = (actor.to_owned(), request_id.to_owned());
        Self { now, actor, request_id, event_id, response: None }
    }

    /// Adds to `tx` the audit event of this change of `subject`, and the response to its request.
    pub(crate) fn record<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        event_type: EventType,
        subject: &str,
    ) -> Result<()> {
        let event = self.event(event_type, subject);
        tx.put(Row::new(schema::audit(self.now, &self.event_id), &event)?)?;
        self.response.as_ref().map_or(Ok(()), |record| record.add_to(tx))
    }

    /// The audit event of this change of `subject`.
    pub(crate) fn event(&self, event_type: EventType, subject: &str) -> AuditEvent {
        AuditEvent {
            event_id: self.event_id.clone(),
            event_type,
            actor: self.actor.clone(),
            subject: subject.to_owned(),
            at: self.now,
            request_id: self.request_id.clone(),
        }
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
