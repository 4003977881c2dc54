//! The events of a product arrive in their order, once where nobody dies.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use slipway_test_support::{TestClock, WebhookReceiver, WebhookReply, json, rows_inserted, text};

use super::{deliveries, minute, names, queues, rename, webhook, work_off, world};
use crate::interleaving::{Change, interleaved};
use crate::rows::Rows;

#[tokio::test(flavor = "multi_thread")]
async fn a_later_event_waits_for_an_earlier_one_of_its_product_and_not_of_another() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    receiver.answers_next(&[WebhookReply::Status(500)]);
    world.product("prod_a").await;
    world.queue_webhook_events().await.unwrap();
    work_off(&world.stack.services, &webhook, Some("prod_a")).await;
    rename(&world, "prod_a", "second").await;
    world.product("prod_b").await;
    world.queue_webhook_events().await.unwrap();
    minute(&world).await;
    assert!(names(&receiver.taken(), "prod_a").is_empty(), "its first event waits");
    assert_eq!(names(&receiver.taken(), "prod_b"), ["prod_b"]);
    clock.advance(SignedDuration::from_mins(1));
    minute(&world).await;
    assert_eq!(names(&receiver.taken(), "prod_a"), ["prod_a", "second"]);
    let ids = |messages: &[slipway_test_support::WebhookRequest]| {
        let id = |message: &slipway_test_support::WebhookRequest| {
            message.header("webhook-id").to_owned()
        };
        messages.iter().map(id).collect::<Vec<_>>()
    };
    let all = receiver.requests();
    assert_eq!(ids(&all)[0], ids(&all)[2], "the same message, tried again");
    assert_eq!(all[0].body, all[2].body);
    assert!(all.iter().all(|one| one.is_signed_with(text(&webhook, "secret"))));
    assert!(queues(&world).await.is_empty());
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_handed_on_twice_is_sent_once() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    world.product("prod_a").await;
    for _ in 0..2 {
        world.queue_webhook_events().await.unwrap();
        minute(&world).await;
    }
    assert_eq!(names(&receiver.requests(), "prod_a"), ["prod_a"]);
    let told = [("product.created".to_owned(), "delivered".to_owned(), 1)];
    assert_eq!(deliveries(&world, &webhook).await, told);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_on_one_queue_send_each_event_once_and_in_order() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    receiver.answers(WebhookReply::Late(204, Duration::from_millis(50)));
    world.product("prod_a").await;
    for name in ["b", "c", "d"] {
        tokio::time::sleep(Duration::from_millis(2)).await;
        rename(&world, "prod_a", name).await;
    }
    world.queue_webhook_events().await.unwrap();
    let services = &world.stack.services;
    let work = || work_off(services, &webhook, Some("prod_a"));
    tokio::join!(work(), work(), work());
    assert_eq!(names(&receiver.requests(), "prod_a"), ["prod_a", "b", "c", "d"]);
    assert!(queues(&world).await.is_empty());
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_added_while_a_worker_finds_the_queue_empty_is_not_forgotten() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    world.product("prod_early").await;
    rename(&world, "prod_early", "late").await;
    let late = Rows::of(&world).await;
    let late = late.with("AUDIT#", "").find(|one| one["event_type"] == "product.updated");
    let late = late.unwrap().clone();
    for at in 1.. {
        let product = format!("prod_{at}");
        world.product(&product).await;
        world.queue_webhook_events().await.unwrap();
        // A later event of the same product.
        let mut event = late.clone();
        event["product_id"] = json!(product);
        event["event_id"] = json!(format!("evt_f{at:031x}"));
        let services = Arc::clone(&world.stack.services);
        let change: Change = Box::pin(async move {
            rows_inserted(&services, "queue-webhook-events", &[event]).await.0.unwrap();
        });
        let work = async |services| work_off(&services, &webhook, Some(&product)).await;
        let outcome = interleaved((&world, &clock), at, change, work).await;
        if outcome.is_none() {
            assert!(at > 10, "are calls still counted? {at}");
            break;
        }
        minute(&world).await;
        assert_eq!(names(&receiver.requests(), &product), [product.as_str(), "late"], "call {at}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_for_a_product_is_told_of_that_alone_and_slack_gets_text() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    world.product("prod_a").await;
    world.product("prod_b").await;
    let more = json!({ "product_id": "prod_a", "format": "slack" });
    let webhook = world.webhook(&receiver.url("/slack"), more).await;
    clock.advance(SignedDuration::from_secs(1));
    rename(&world, "prod_a", "A").await;
    rename(&world, "prod_b", "B").await;
    let release = world.release("prod_a", "1.0.0").await;
    world.queue_webhook_events().await.unwrap();
    minute(&world).await;
    let bodies: Vec<_> = receiver.requests().iter().map(|one| one.json()).collect();
    let expected = [
        json!({ "text": "*product.updated*: prod_a, by bootstrap" }),
        json!({ "text": format!("*release.published*: {} of prod_a, by bootstrap", text(&release, "release_id")) }),
    ];
    assert_eq!(bodies, expected);
    assert!(receiver.requests().iter().all(|one| one.is_signed_with(text(&webhook, "secret"))));
    world.stack.stop().await;
}
