//! Webhooks: what their receivers get, and when.

mod crashes;
mod disabling;
mod kms;
mod order;
mod outage;
mod patience;

use std::sync::Arc;

use slipway_edge::Services;
use slipway_test_support::{
    EventDelivery, Options, TestClock, Value, WebhookReceiver, WebhookRequest, World, json,
    perform, text,
};

use crate::rows::Rows;

/// The job that sends.
const DELIVER: &str = "deliver-webhook-events";

/// A stack that sends to `receiver`, and starts no job by itself.
async fn world(receiver: &WebhookReceiver, clock: &TestClock) -> World {
    let webhooks = receiver.access(&["*"]);
    let events = EventDelivery::Disabled;
    World::with(Options { webhooks, events, clock: clock.clock(), ..Options::ephemeral() }).await
}

/// A webhook that is told of what is done to products.
async fn webhook(world: &World, receiver: &WebhookReceiver) -> Value {
    let types = json!({ "event_types": ["product.created", "product.updated"] });
    world.webhook(&receiver.url("/in"), types).await
}

/// Has the queue of a product at a webhook worked off.
async fn work_off(services: &Arc<Services>, webhook: &Value, product: Option<&str>) {
    let message = json!({ "webhook_id": webhook["webhook_id"], "product_id": product });
    perform(services, DELIVER, message).await.0.unwrap();
}

/// Has every queue worked off, as a minute that has passed does it.
async fn minute(world: &World) {
    perform(&world.stack.services, DELIVER, json!({})).await.0.unwrap();
    for queue in queues(world).await {
        let product = queue["product_id"].as_str();
        work_off(&world.stack.services, &queue, product).await;
    }
}

/// The webhook as it is now.
async fn read(world: &World, webhook: &Value) -> Value {
    world.get(&format!("/v1/webhooks/{}", text(webhook, "webhook_id"))).await.expect(200)
}

/// The queues that there are.
async fn queues(world: &World) -> Vec<Value> {
    Rows::of(world).await.with("WEBHOOKQUEUE#", "QUEUE").cloned().collect()
}

/// Changes the name of a product, so that there is an event.
async fn rename(world: &World, product: &str, name: &str) {
    world.patch(&format!("/v1/products/{product}"), json!({ "name": name })).await.expect(200);
}

/// The names of `product` that messages tell of, in the order in which they came.
fn names(messages: &[WebhookRequest], product: &str) -> Vec<String> {
    let of_product = |message: &WebhookRequest| {
        let data = message.json()["data"].clone();
        (data["product_id"] == product).then(|| text(&data["after"], "name").to_owned())
    };
    messages.iter().filter_map(of_product).collect()
}

/// What is told of the deliveries of a webhook: type, status and attempts, newest event first.
async fn deliveries(world: &World, webhook: &Value) -> Vec<(String, String, u64)> {
    let path = format!("/v1/webhooks/{}/deliveries", text(webhook, "webhook_id"));
    let list = world.get(&path).await.expect(200);
    let told = list["deliveries"].as_array().unwrap().iter().map(|one| {
        let text = |name| text(one, name).to_owned();
        (text("event_type"), text("status"), one["attempts"].as_u64().unwrap())
    });
    told.collect()
}
