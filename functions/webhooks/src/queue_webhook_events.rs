//! The table's stream says what was changed: queues it for the webhooks that are told of it.

use std::collections::BTreeSet;

use futures::stream::{self, TryStreamExt};
use slipway_catalog::StreamEvent;
use slipway_domain::audit::AuditEvent;
use slipway_domain::webhook::Webhook;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::dispatch::AUDITED_CHANGES;
use slipway_edge::{Capabilities, Ctx, Job, JobInvoker, Result, Trigger};

use crate::deliver_webhook_events::{DeliverWebhookEvents, QueueMessage};

/// Webhooks at once.
const AT_ONCE: usize = 16;

/// What queueing may touch.
type Queue = Capabilities<Writer, (), (), JobInvoker<DeliverWebhookEvents>>;

/// Adds each audit event to the queues of the webhooks that ask for it, once, and starts the job that
/// sends. Where there is no webhook it costs one request for all events that came together.
pub struct QueueWebhookEvents;

impl Job for QueueWebhookEvents {
    const NAME: &'static str = AUDITED_CHANGES.job;
    const TRIGGER: Trigger = Trigger::RowsDispatched(&AUDITED_CHANGES);
    const WRITES: &[Entity] = &[Entity::WebhookDelivery];
    type Capabilities = Queue;
    type Event = StreamEvent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        let webhooks = ctx.catalog().active_webhooks().await?;
        if webhooks.is_empty() {
            return Ok(());
        }
        let events: Vec<AuditEvent> = event.entities()?;
        let each = stream::iter(webhooks.iter().map(Ok));
        each.try_for_each_concurrent(AT_ONCE, |webhook| queue(ctx, webhook, &events)).await
    }
}

/// Queues those of `events` that `webhook` is told of, and has the queues worked off.
async fn queue(ctx: &Ctx<Queue>, webhook: &Webhook, events: &[AuditEvent]) -> Result<()> {
    let mut due = BTreeSet::new();
    for event in events.iter().filter(|event| webhook.wants(event)) {
        let now = ctx.clock().now();
        if ctx.catalog().enqueue_webhook_event(&webhook.webhook_id, event, now).await? {
            due.insert(event.product_id.clone());
        }
    }
    // A queue that nobody is told of here is looked after within the minute.
    for product_id in due {
        let webhook_id = webhook.webhook_id.clone();
        ctx.invoker().invoke(&QueueMessage { webhook_id, product_id }).await?;
    }
    Ok(())
}
