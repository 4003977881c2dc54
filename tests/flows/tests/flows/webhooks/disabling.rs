//! Receivers that don't take what they are told.

use std::time::Duration;

use jiff::SignedDuration;
use slipway_test_support::{TestClock, Value, WebhookReceiver, WebhookReply, World, json, text};

use super::{deliveries, minute, queues, read, rename, webhook, world};
use crate::rows::Rows;

/// How often the webhook was disabled, as the audit log says.
async fn disabled(world: &World, webhook: &Value) -> Vec<Value> {
    let rows = Rows::of(world).await;
    let is_end = |event: &&Value| {
        event["event_type"] == "webhook.disabled" && event["subject"] == webhook["webhook_id"]
    };
    rows.with("AUDIT#", "").filter(is_end).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_a_day_disables_the_webhook_and_ends_what_waits() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    receiver.answers(WebhookReply::With(302, "location", "https://hooks.example.com/elsewhere"));
    for product in ["prod_a", "prod_b"] {
        world.product(product).await;
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
    rename(&world, "prod_a", "waits").await;
    world.queue_webhook_events().await.unwrap();
    for hour in 0..24 {
        assert_eq!(read(&world, &webhook).await["status"], "active", "hour {hour}");
        minute(&world).await;
        clock.advance(SignedDuration::from_hours(1));
    }
    minute(&world).await;
    let ended = read(&world, &webhook).await;
    assert_eq!(ended["status"], "disabled");
    let reason = text(&ended, "disabled_reason");
    assert!(reason.contains("a day") && reason.contains("302"), "{reason}");
    let [event] = &disabled(&world, &webhook).await[..] else { panic!() };
    assert_eq!(event["actor"], "job:deliver-webhook-events");
    assert_eq!(event["after"]["status"], "disabled");

    // The event that waited behind it, and that of the other product, are told as failed.
    let tries = receiver.requests().len();
    clock.advance(SignedDuration::from_hours(2));
    minute(&world).await;
    assert_eq!(receiver.requests().len(), tries);
    assert!(receiver.requests().iter().all(|one| one.path == "/in"), "no redirect is followed");
    let told = deliveries(&world, &webhook).await;
    assert!(told.iter().all(|(_, status, _)| status == "failed"), "{told:?}");
    assert_eq!(told.len(), 3);
    // What waited was tried once at the most: to see whether the receiver takes anything.
    assert!(told.iter().any(|(kind, _, attempts)| kind == "product.updated" && *attempts <= 1));
    assert!(queues(&world).await.is_empty());
    rename(&world, "prod_a", "nobody is told").await;
    world.queue_webhook_events().await.unwrap();
    assert_eq!(deliveries(&world, &webhook).await.len(), 3);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_disables_the_webhook_at_once_and_others_are_told() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let gone = webhook(&world, &receiver).await;
    world.product("prod_a").await;
    world.queue_webhook_events().await.unwrap();
    receiver.answers(WebhookReply::Status(410));
    minute(&world).await;
    assert_eq!(read(&world, &gone).await["status"], "disabled");
    assert_eq!(disabled(&world, &gone).await.len(), 1);
    assert_eq!(receiver.requests().len(), 1);
    let told = [("product.created".to_owned(), "failed".to_owned(), 1)];
    assert_eq!(deliveries(&world, &gone).await, told);

    receiver.answers(WebhookReply::Status(204));
    let types = json!({ "event_types": ["webhook.disabled"] });
    let watcher = world.webhook(&receiver.url("/ops"), types).await;
    let other = webhook(&world, &receiver).await;
    receiver.answers_next(&[WebhookReply::Status(410)]);
    clock.advance(SignedDuration::from_secs(1));
    rename(&world, "prod_a", "again").await;
    world.queue_webhook_events().await.unwrap();
    minute(&world).await;
    assert_eq!(disabled(&world, &other).await.len(), 1);
    world.queue_webhook_events().await.unwrap();
    minute(&world).await;
    let last = receiver.requests().pop().unwrap();
    assert_eq!((last.path.as_str(), &last.json()["type"]), ("/ops", &json!("webhook.disabled")));
    assert_eq!(last.json()["data"]["subject"], other["webhook_id"]);
    assert!(last.is_signed_with(text(&watcher, "secret")));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_asks_for_time_gets_it() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    world.product("prod_a").await;
    world.queue_webhook_events().await.unwrap();
    receiver.answers_next(&[WebhookReply::With(429, "retry-after", "7200")]);
    minute(&world).await;
    clock.advance(SignedDuration::from_mins(119));
    minute(&world).await;
    assert_eq!(receiver.requests().len(), 1);
    clock.advance(SignedDuration::from_mins(2));
    minute(&world).await;
    assert_eq!(receiver.taken().len(), 1);
    let told = [("product.created".to_owned(), "delivered".to_owned(), 2)];
    assert_eq!(deliveries(&world, &webhook).await, told);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_is_left_after_ten_seconds_and_told_again() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    world.product("prod_a").await;
    world.queue_webhook_events().await.unwrap();
    receiver.answers_next(&[WebhookReply::Late(204, Duration::from_mins(1))]);
    let begin = std::time::Instant::now();
    minute(&world).await;
    let waited = begin.elapsed();
    assert!((10..30).contains(&waited.as_secs()), "{waited:?}");
    let path = format!("/v1/webhooks/{}/deliveries", text(&webhook, "webhook_id"));
    let told = world.get(&path).await.expect(200)["deliveries"][0].clone();
    assert_eq!((&told["status"], &told["status_code"]), (&json!("pending"), &json!(null)));
    assert!(text(&told, "error").contains("10s"), "{told}");
    clock.advance(SignedDuration::from_mins(1));
    minute(&world).await;
    assert_eq!(receiver.requests().len(), 2);
    assert!(queues(&world).await.is_empty());
    world.stack.stop().await;
}
