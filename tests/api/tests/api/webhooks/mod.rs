//! `/v1/webhooks`

mod create;
mod delete;
mod deliveries;
mod get;
mod list;
mod test;

use slipway_test_support::{Options, TestResponse, Value, WebhookReceiver, World, json, text};

/// A stack that sends to `receiver`.
async fn world(receiver: &WebhookReceiver) -> World {
    World::with(Options { webhooks: receiver.access(&["*.example.com"]), ..Options::ephemeral() })
        .await
}

/// A webhook at `receiver`.
async fn webhook(world: &World, receiver: &WebhookReceiver) -> Value {
    world.webhook(&receiver.url("/in?key=s3cret"), json!({})).await
}

fn path(webhook: &Value, rest: &str) -> String {
    format!("/v1/webhooks/{}{rest}", text(webhook, "webhook_id"))
}

/// What webhook-create answers to `body`.
async fn create(world: &World, body: Value) -> TestResponse {
    world.post("/v1/webhooks", body).await
}
