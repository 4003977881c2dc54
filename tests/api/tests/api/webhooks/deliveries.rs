//! `GET /v1/webhooks/{webhook_id}/deliveries`

use std::time::Duration;

use slipway_test_support::{Value, WebhookReceiver, WebhookReply, World, json};

use super::{path, webhook, world};
use crate::assertions::has_members;

/// The deliveries of a webhook, once the newest one of them is of `event_type` and was tried.
async fn once_tried(world: &World, webhook: &Value, event_type: &str) -> Value {
    for _ in 0..400 {
        let list = world.get(&path(webhook, "/deliveries")).await.expect(200);
        let newest = &list["deliveries"][0];
        if newest["event_type"] == event_type && newest["attempts"] != json!(0) {
            return list;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{event_type} is not tried");
}

#[tokio::test]
async fn it_is_told_what_came_of_each_event_newest_first() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let webhook = webhook(&world, &receiver).await;
    once_tried(&world, &webhook, "webhook.created").await;
    receiver.answers(WebhookReply::Status(500));
    world.product("prod_app").await;
    let list = once_tried(&world, &webhook, "product.created").await;
    has_members(&list, &["deliveries", "next_cursor"]);
    let [failed, delivered] = &list["deliveries"].as_array().unwrap()[..] else { panic!("{list}") };
    has_members(
        failed,
        &[
            "event_id",
            "webhook_id",
            "event_type",
            "product_id",
            "at",
            "status",
            "attempts",
            "first_attempt_at",
            "last_attempt_at",
            "next_attempt_at",
            "retry_until",
            "status_code",
            "error",
        ],
    );
    assert_eq!((&failed["status"], &failed["attempts"]), (&json!("pending"), &json!(1)));
    assert_eq!(failed["status_code"], 500);
    assert_eq!(failed["error"], "the receiver answers 500");
    assert!(failed["next_attempt_at"].is_string());
    assert_eq!((&delivered["status"], &delivered["error"]), (&json!("delivered"), &json!(null)));
    assert_eq!(delivered["event_type"], "webhook.created");
    assert_eq!(delivered["next_attempt_at"], json!(null));
    world.get("/v1/webhooks/whk_none/deliveries").await.refused(404, "not_found", None);
    world.stack.stop().await;
}
