//! Jobs that die at any of their calls: nothing is lost, and what comes twice is the same message.

use jiff::SignedDuration;
use slipway_test_support::{
    TestClock, Value, WebhookReceiver, WebhookReply, World, json, perform, rows_inserted,
};

use super::{DELIVER, deliveries, minute, names, queues, rename, webhook, world};
use crate::faults::{CrashPlan, CrashPoint};
use crate::rows::Rows;

/// The events of `product`, in their order.
async fn events(world: &World, product: &str) -> Vec<Value> {
    let rows = Rows::of(world).await;
    rows.with("AUDIT#", "").filter(|event| event["product_id"] == product).cloned().collect()
}

/// Without what came twice in a row.
fn once(mut names: Vec<String>) -> Vec<String> {
    names.dedup();
    names
}

/// The events of a product that is created and then renamed.
async fn two_events(world: &World, product: &str) -> Vec<Value> {
    world.product(product).await;
    // Events of one millisecond come in any order.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    rename(world, product, "second").await;
    events(world, product).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_dies_while_it_queues_events_queues_them_when_it_is_repeated() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    for death in CrashPoint::ALL {
        for at in 1.. {
            let product = format!("prod_{}-{at}", death as u8);
            let events = two_events(&world, &product).await;
            let plan = CrashPlan::new(death, at);
            let dying = plan.services(&world, &clock);
            let outcome = plan.live(rows_inserted(&dying, "queue-webhook-events", &events)).await;
            let is_done = outcome.is_some_and(|(outcome, _)| outcome.is_ok());
            if !is_done {
                let services = &world.stack.services;
                rows_inserted(services, "queue-webhook-events", &events).await.0.unwrap();
            }
            minute(&world).await;
            let sent = names(&receiver.requests(), &product);
            assert_eq!(sent, [product.as_str(), "second"], "{death:?} at {at}");
            if is_done {
                assert!(at > 4, "are calls still counted? {at}");
                break;
            }
        }
    }
    let told = deliveries(&world, &webhook).await;
    assert!(told.iter().all(|(_, status, attempts)| status == "delivered" && *attempts == 1));
    assert!(queues(&world).await.is_empty());
    world.stack.stop().await;
}

/// Has a worker die at each of its calls, where the receiver answers `reply` at first, and makes
/// sure that another one brings all of it in the end.
async fn worker_dies(reply: WebhookReply) {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let webhook = webhook(&world, &receiver).await;
    for death in CrashPoint::ALL {
        for at in 1.. {
            let product = format!("prod_{}-{at}", death as u8);
            let events = two_events(&world, &product).await;
            let services = &world.stack.services;
            rows_inserted(services, "queue-webhook-events", &events).await.0.unwrap();
            let plan = CrashPlan::new(death, at);
            let dying = plan.services(&world, &clock);
            receiver.answers_next(&[reply]);
            let message = json!({ "webhook_id": webhook["webhook_id"], "product_id": product });
            let outcome = plan.live(perform(&dying, DELIVER, message)).await;
            let is_done = outcome.is_some_and(|(outcome, _)| outcome.is_ok());
            receiver.answers(WebhookReply::Status(204));
            // The lease of the dead, and the pause after a failed attempt.
            clock.advance(SignedDuration::from_mins(2));
            minute(&world).await;
            let sent = once(names(&receiver.taken(), &product));
            assert_eq!(sent, [product.as_str(), "second"], "{death:?} at {at}, {reply:?}");
            if is_done {
                assert!(at > 4, "are calls still counted? {at}");
                break;
            }
        }
    }
    let told = deliveries(&world, &webhook).await;
    assert!(told.iter().all(|(_, status, _)| status == "delivered"), "{told:?}");
    assert!(queues(&world).await.is_empty());
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_that_dies_has_not_sent_is_sent_by_the_next_one() {
    Box::pin(worker_dies(WebhookReply::Status(204))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_that_dies_has_sent_in_vain_is_sent_by_the_next_one() {
    Box::pin(worker_dies(WebhookReply::Status(500))).await;
}
