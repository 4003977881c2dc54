//! An event that is never taken, and a deployment that can't send.

use std::sync::Arc;

use jiff::SignedDuration;
use slipway_aws::Clients;
use slipway_edge::services::webhooks;
use slipway_edge::{Services, Settings};
use slipway_test_support::{
    TestClock, Value, WebhookReceiver, WebhookReply, World, json, perform, text,
};

use super::{DELIVER, deliveries, minute, names, queues, read, rename, webhook, work_off, world};

/// Two events of a product that wait for a webhook.
async fn two_events(world: &World) {
    world.product("prod_a").await;
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    rename(world, "prod_a", "taken").await;
    world.queue_webhook_events().await.unwrap();
}

/// Lets `hours` pass, in which the receiver is told what is due.
async fn hours(world: &World, clock: &TestClock, hours: u32) {
    for _ in 0..hours {
        minute(world).await;
        clock.advance(SignedDuration::from_hours(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_never_taken_is_given_up_after_a_day_and_others_arrive() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    receiver.answers(WebhookReply::Status(422));
    two_events(&world).await;
    hours(&world, &clock, 24).await;
    // The last attempt of the first event fails, and the second one is taken.
    receiver.answers_next(&[WebhookReply::Status(422), WebhookReply::Status(204)]);
    minute(&world).await;
    assert_eq!(names(&receiver.taken(), "prod_a"), ["taken"]);
    assert_eq!(read(&world, &webhook).await["status"], "active");
    let told = deliveries(&world, &webhook).await;
    let status = told.iter().map(|(kind, status, _)| (kind.as_str(), status.as_str()));
    let expected = [("product.updated", "delivered"), ("product.created", "failed")];
    assert_eq!(status.collect::<Vec<_>>(), expected);
    assert!(queues(&world).await.is_empty());
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_event_that_is_refused_for_a_day_disables_the_webhook() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    receiver.answers(WebhookReply::Status(503));
    world.product("prod_a").await;
    world.queue_webhook_events().await.unwrap();
    hours(&world, &clock, 25).await;
    let after = read(&world, &webhook).await;
    assert_eq!(after["status"], "disabled");
    assert!(text(&after, "disabled_reason").contains("nothing for a day"), "{after}");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_long_ago_says_nothing_about_the_next_event() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    receiver.answers(WebhookReply::Status(422));
    world.product("prod_a").await;
    world.queue_webhook_events().await.unwrap();
    hours(&world, &clock, 2).await;
    // Another product's event is taken meanwhile, so that the receiver takes something in that day.
    receiver.answers(WebhookReply::Status(204));
    world.product("prod_b").await;
    world.queue_webhook_events().await.unwrap();
    work_off(&world.stack.services, &webhook, Some("prod_b")).await;
    receiver.answers(WebhookReply::Status(422));
    hours(&world, &clock, 24).await;
    assert!(queues(&world).await.is_empty());
    assert_eq!(read(&world, &webhook).await["status"], "active");

    clock.advance(SignedDuration::from_hours(24 * 7));
    receiver.answers_next(&[WebhookReply::Status(503), WebhookReply::Status(204)]);
    for product in ["prod_a", "prod_b"] {
        rename(&world, product, "later").await;
    }
    world.queue_webhook_events().await.unwrap();
    hours(&world, &clock, 2).await;
    assert_eq!(read(&world, &webhook).await["status"], "active");
    receiver.answers(WebhookReply::Status(204));
    hours(&world, &clock, 2).await;
    assert_eq!(names(&receiver.taken(), "prod_a"), ["later"]);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_takes_nothing_any_more_is_found_out_though_it_took_something_before() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    receiver.answers(WebhookReply::Status(503));
    receiver.answers_next(&[WebhookReply::Status(204)]);
    two_events(&world).await;
    hours(&world, &clock, 26).await;
    assert_eq!(read(&world, &webhook).await["status"], "disabled");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_could_not_be_sent_for_a_month_is_not_sent() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    two_events(&world).await;
    clock.advance(SignedDuration::from_hours(24 * 30));
    rename(&world, "prod_a", "new").await;
    world.queue_webhook_events().await.unwrap();
    minute(&world).await;
    assert_eq!(names(&receiver.taken(), "prod_a"), ["new"]);
    let told = deliveries(&world, &webhook).await;
    let failed = told.iter().filter(|(_, status, attempts)| status == "failed" && *attempts == 0);
    assert_eq!(failed.count(), 2);
    world.stack.stop().await;
}

/// An instance of the deployment with `settings`.
fn instance(world: &World, clock: &TestClock, settings: &Settings) -> Arc<Services> {
    Services::new(settings, &Clients::local(&world.stack.local), clock.clock())
}

/// Three days in which `faulty`, an instance of the deployment, can't send; then one day in which
/// it can, and the receiver answers.
async fn holds(
    world: &World,
    clock: &TestClock,
    webhook: &Value,
    faulty: &Arc<Services>,
    why: &str,
) {
    for _ in 0..12 {
        for queue in queues(world).await {
            let message =
                json!({ "webhook_id": queue["webhook_id"], "product_id": queue["product_id"] });
            perform(faulty, DELIVER, message).await.0.unwrap_err();
        }
        clock.advance(SignedDuration::from_hours(6));
    }
    assert_eq!(read(world, webhook).await["status"], "active");
    let path = format!("/v1/webhooks/{}/deliveries", text(webhook, "webhook_id"));
    let told = world.get(&path).await.expect(200)["deliveries"].as_array().unwrap().clone();
    let first = told.last().unwrap();
    assert_eq!((&first["status"], &first["attempts"]), (&json!("pending"), &json!(0)), "{first}");
    assert!(text(first, "error").contains(why), "{first}");
    minute(world).await;
    let told = deliveries(world, webhook).await;
    assert!(
        told.iter().all(|(_, status, attempts)| status == "delivered" && *attempts == 1),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_the_deployment_no_longer_names_waits_until_it_does() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    two_events(&world).await;
    let elsewhere = webhooks(vec!["hooks.example.org".to_owned()]);
    let settings = Settings { webhooks: elsewhere, ..world.stack.settings.clone() };
    let faulty = instance(&world, &clock, &settings);
    let path = format!("/v1/webhooks/{}/test", text(&webhook, "webhook_id"));
    let (refused, _) = world.call("webhook-test", &path).on(&faulty).await;
    refused.refused(403, "forbidden", None);
    holds(&world, &clock, &webhook, &faulty, "WebhookHosts").await;
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_gone_for_days_disables_nothing() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    two_events(&world).await;
    let nowhere = world.stack.settings.key_directory.as_ref().unwrap().join("nowhere");
    let settings = Settings { key_directory: Some(nowhere), ..world.stack.settings.clone() };
    let faulty = instance(&world, &clock, &settings);
    holds(&world, &clock, &webhook, &faulty, "key").await;
    world.stack.stop().await;
}
