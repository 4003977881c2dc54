//! Webhooks: their endpoints, the job that queues events for them, and the job that sends.

mod create;
mod delete;
mod deliver_webhook_events;
mod deliveries;
mod get;
mod list;
mod queue_run;
mod queue_webhook_events;
mod receiver;
mod test;

pub use create::WebhookCreate;
pub use delete::WebhookDelete;
pub use deliver_webhook_events::DeliverWebhookEvents;
pub use deliveries::WebhookDeliveries;
pub use get::WebhookGet;
pub use list::WebhookList;
pub use queue_webhook_events::QueueWebhookEvents;
pub use test::WebhookTest;

use slipway_edge::{DynJob, Operation, job, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<WebhookCreate>(),
        operation::<WebhookList>(),
        operation::<WebhookGet>(),
        operation::<WebhookDelete>(),
        operation::<WebhookDeliveries>(),
        operation::<WebhookTest>(),
    ]
}

/// Every job of this package.
#[must_use]
pub fn jobs() -> Vec<Box<dyn DynJob>> {
    vec![job::<QueueWebhookEvents>(), job::<DeliverWebhookEvents>()]
}
