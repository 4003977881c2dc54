//! Who does something, when, in which request: what every change is recorded with.

use jiff::{SignedDuration, Timestamp};
use slipway_domain::audit::{AuditEvent, EventType};
use slipway_domain::{Channel, EventId, ProductId, Result};
use slipway_snapshot::CatalogChange;

use crate::row::Row;
use crate::schema;

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
}

impl AuditContext {
    /// The audit row.
    pub(crate) fn audit(&self, event_type: EventType, subject: &str) -> Result<Row> {
        let event = AuditEvent {
            event_id: self.event_id.clone(),
            event_type,
            actor: self.actor.clone(),
            subject: subject.to_owned(),
            at: self.now,
            request_id: self.request_id.clone(),
        };
        Row::first(schema::audit(self.now, &self.event_id), &event)
    }

    /// The outbox row: what clients get of `product` on `channel` has changed.
    pub(crate) fn outbox(
        &self,
        event_type: EventType,
        product: &ProductId,
        channel: &Channel,
    ) -> Result<Row> {
        let change = CatalogChange {
            event_id: self.event_id.clone(),
            event_type,
            product_id: product.clone(),
            channel: channel.clone(),
            at: self.now,
        };
        let end = self.now.saturating_add(OUTBOX_LIFETIME).unwrap_or(Timestamp::MAX);
        Ok(Row::first(schema::outbox(&self.event_id), &change)?.until(end))
    }
}
