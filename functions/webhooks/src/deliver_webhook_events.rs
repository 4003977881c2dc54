//! Sends the events that wait for webhooks.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use slipway_domain::{ProductId, WebhookId};
use slipway_edge::capabilities::{Entity, WebhookOpener, Writer};
use slipway_edge::{Capabilities, Ctx, InvocableJob, Job, JobInvoker, Result, Trigger};

use crate::queue_run::work_off;

/// Queues per read.
const PAGE: usize = 100;

/// Works off one queue of a webhook by a message; once a minute, starts itself for each queue that
/// somebody has to look after: whose next attempt is due, or whose worker has died. A minute with
/// nothing to do costs one request.
pub struct DeliverWebhookEvents;

/// What it may touch.
pub(crate) type Deliver = Capabilities<Writer, (), WebhookOpener, JobInvoker<DeliverWebhookEvents>>;

/// What starts the job.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum DeliverEvent {
    /// A queue is to be worked off.
    Queue(QueueMessage),
    /// A minute has passed.
    Minute(IgnoredAny),
}

/// The message that has a queue worked off.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QueueMessage {
    /// Id of the webhook.
    pub(crate) webhook_id: WebhookId,
    /// Id of the product; none for the events that are of none.
    pub(crate) product_id: Option<ProductId>,
}

impl Job for DeliverWebhookEvents {
    const NAME: &'static str = "deliver-webhook-events";
    const TRIGGER: Trigger = Trigger::Schedule { minutes: 1 };
    const WRITES: &[Entity] = &[Entity::Webhook, Entity::WebhookDelivery];
    type Capabilities = Deliver;
    type Event = DeliverEvent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        match event {
            DeliverEvent::Queue(message) => work_off(ctx, &message).await,
            DeliverEvent::Minute(_) => start_due(ctx).await,
        }
    }
}

impl InvocableJob for DeliverWebhookEvents {
    type Message = QueueMessage;
}

async fn start_due(ctx: &Ctx<Deliver>) -> Result<()> {
    let mut start = None;
    loop {
        let page = ctx.catalog().list_due_webhook_queues(ctx.now(), PAGE, start).await?;
        for queue in page.items {
            let (webhook_id, product_id) = (queue.webhook_id, queue.product_id);
            ctx.invoker().invoke(&QueueMessage { webhook_id, product_id }).await?;
        }
        start = page.next;
        if start.is_none() {
            return Ok(());
        }
    }
}
