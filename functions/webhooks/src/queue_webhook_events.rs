//! The table's stream says what was changed: queues it for the webhooks that are told of it.

use std::collections::BTreeSet;

use slipway_catalog::StreamEvent;
use slipway_domain::audit::AuditEvent;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::dispatch::AUDITED_CHANGES;
use slipway_edge::{Capabilities, Ctx, Job, JobInvoker, Result, Trigger};

use crate::deliver_webhook_events::{DeliverWebhookEvents, QueueMessage};

/// Adds each audit event to the queues of the webhooks that ask for it, once, and starts the job that
/// sends. Where there is no webhook it costs one request for all events that came together.
pub struct QueueWebhookEvents;

impl Job for QueueWebhookEvents {
    const NAME: &'static str = AUDITED_CHANGES.job;
    const TRIGGER: Trigger = Trigger::RowsDispatched(&AUDITED_CHANGES);
    const WRITES: &[Entity] = &[Entity::WebhookDelivery];
    type Capabilities = Capabilities<Writer, (), (), JobInvoker<DeliverWebhookEvents>>;
    type Event = StreamEvent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        let webhooks = ctx.catalog().active_webhooks().await?;
        if webhooks.is_empty() {
            return Ok(());
        }
        let events: Vec<AuditEvent> = event.entities()?;
        let mut due = BTreeSet::new();
        for event in &events {
            for webhook in webhooks.iter().filter(|webhook| webhook.wants(event)) {
                let id = &webhook.webhook_id;
                if ctx.catalog().enqueue_webhook_event(id, event, ctx.clock().now()).await? {
                    due.insert((id.clone(), event.product_id.clone()));
                }
            }
        }
        // A queue that nobody is told of here is looked after within the minute.
        for (webhook_id, product_id) in due {
            ctx.invoker().invoke(&QueueMessage { webhook_id, product_id }).await?;
        }
        Ok(())
    }
}
