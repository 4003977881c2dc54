//! Webhooks, the events that wait for them, and what came of those.

use jiff::Timestamp;
use slipway_domain::{EventId, ProductId, WebhookId};

use super::{Index, Key, time};

/// The partition of all webhooks. Their ids sort by time.
#[must_use]
pub fn webhooks() -> String {
    "WEBHOOKS".to_owned()
}

/// A webhook.
#[must_use]
pub fn webhook(id: &WebhookId) -> Key {
    Key::new(webhooks(), id.as_str())
}

/// The queue of the events of a product, or of those of no product, that wait for a webhook. The
/// events share its partition.
#[must_use]
pub fn webhook_queue(webhook: &WebhookId, product: Option<&ProductId>) -> Key {
    // No product's id is `-`.
    let product = product.map_or("-", ProductId::as_str);
    Key::new(format!("WEBHOOKQUEUE#{webhook}#{product}"), "QUEUE")
}

/// What the keys of the events in a queue begin with.
#[must_use]
pub fn queued_events(queue: &Key) -> Key {
    Key::new(queue.pk.clone(), "EVENT#")
}

/// An event in a queue. Ids of events sort by time.
#[must_use]
pub fn queued_event(queue: &Key, event: &EventId) -> Key {
    Key::new(queue.pk.clone(), format!("EVENT#{event}"))
}

/// Position of a queue among all, by the time at which somebody has to look after it.
#[must_use]
pub fn due_webhook_queue(at: Timestamp, queue: &Key) -> (Index, Key) {
    (Index::ByKind, Key::new(due_webhook_queues(), format!("{}#{}", time(at), queue.pk)))
}

/// The partition of [`Index::ByKind`] with all queues, by that time.
#[must_use]
pub fn due_webhook_queues() -> String {
    "WEBHOOKQUEUES".to_owned()
}

/// What came of an event for a webhook.
#[must_use]
pub fn webhook_delivery(webhook: &WebhookId, event: &EventId) -> Key {
    Key::new(webhook_deliveries(webhook), event.as_str())
}

/// The partition with what came of the events for a webhook.
#[must_use]
pub fn webhook_deliveries(webhook: &WebhookId) -> String {
    format!("WEBHOOKDELIVERY#{webhook}")
}
