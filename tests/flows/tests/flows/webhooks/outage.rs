//! A receiver that is down for an hour, with everything that starts jobs at work.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;
use slipway_test_support::{
    Options, TestClock, Value, WebhookReceiver, WebhookReply, WebhookRequest, World, json, text,
};

use super::rename;
use crate::rows::Rows;

const PRODUCTS: [&str; 2] = ["prod_a", "prod_b"];

/// Waits until `holds`, with a clock that goes on.
async fn until(clock: &TestClock, what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        clock.advance(SignedDuration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}

/// The ids of the events of each product, in their order.
async fn events(world: &World) -> BTreeMap<String, Vec<String>> {
    let rows = Rows::of(world).await;
    let mut events = BTreeMap::<String, Vec<String>>::new();
    for event in rows.with("AUDIT#", "").filter(|event| event["product_id"].is_string()) {
        let ids = events.entry(text(event, "product_id").to_owned()).or_default();
        ids.push(text(event, "event_id").to_owned());
    }
    for ids in events.values_mut() {
        ids.sort_unstable();
    }
    events
}

/// The ids of messages, by product, in the order in which they came.
fn ids(messages: &[WebhookRequest]) -> BTreeMap<String, Vec<String>> {
    let mut ids = BTreeMap::<String, Vec<String>>::new();
    for message in messages {
        let product = text(&message.json()["data"], "product_id").to_owned();
        ids.entry(product).or_default().push(message.header("webhook-id").to_owned());
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_a_receiver_is_down_for_an_hour_arrives_in_order_and_once() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let options =
        Options { webhooks: receiver.access(&["*"]), clock: clock.clock(), ..Options::ephemeral() };
    let world = World::with(options).await;
    receiver.answers(WebhookReply::Status(503));
    let types = ["product.created", "product.updated", "release.published", "release.revoked"];
    let webhook = world.webhook(&receiver.url("/in"), json!({ "event_types": types })).await;
    for product in PRODUCTS {
        world.product(product).await;
        rename(&world, product, "renamed").await;
        let release = world.release(product, "1.0.0").await;
        let path = format!("/v1/releases/{}/revoke", text(&release, "release_id"));
        world.post(&path, json!({ "reason": "crashes" })).await.expect(200);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let told = async || {
        let path = format!("/v1/webhooks/{}/deliveries", text(&webhook, "webhook_id"));
        world.get(&path).await.expect(200)["deliveries"].as_array().unwrap().clone()
    };
    until(&clock, "all events are queued", async || told().await.len() == 8).await;
    for _ in 0..12 {
        clock.advance(SignedDuration::from_mins(5));
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    assert!(receiver.taken().is_empty() && receiver.requests().len() >= 6, "it is tried meanwhile");
    receiver.answers(WebhookReply::Status(200));
    let is_delivered = |one: &Value| one["status"] == "delivered";
    until(&clock, "all is delivered", async || told().await.iter().all(is_delivered)).await;
    let taken = receiver.taken();
    assert_eq!(ids(&taken), events(&world).await, "all, once, in order by product");
    assert!(taken.iter().all(|message| message.is_signed_with(text(&webhook, "secret"))));
    world.stack.stop().await;
}
