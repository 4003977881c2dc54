//! `POST /v1/webhooks/{webhook_id}/test`

use slipway_test_support::{
    EventDelivery, Options, WebhookReceiver, WebhookReply, World, json, text,
};

use super::{path, webhook};

/// A stack that sends nothing by itself.
async fn world(receiver: &WebhookReceiver) -> World {
    let webhooks = receiver.access(&["*"]);
    World::with(Options { webhooks, events: EventDelivery::Disabled, ..Options::ephemeral() }).await
}

#[tokio::test]
async fn a_test_message_is_signed_and_sent_at_once() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let webhook = webhook(&world, &receiver).await;
    let result = world.post(&path(&webhook, "/test"), json!({})).await.expect(200);
    assert_eq!(result, json!({ "delivered": true, "status_code": 204, "error": null }));
    let [message] = &receiver.requests()[..] else { panic!() };
    assert_eq!(message.path, "/in?key=s3cret");
    assert_eq!(message.header("content-type"), "application/json");
    assert!(message.is_signed_with(text(&webhook, "secret")));
    assert!(!message.is_signed_with("whsec_AAAA"));
    assert_eq!(message.json()["type"], "webhook.test");
    assert_eq!(message.json()["data"], json!({ "webhook_id": webhook["webhook_id"] }));
    let list = world.get(&path(&webhook, "/deliveries")).await.expect(200);
    assert_eq!(list["deliveries"], json!([]));
    world.stack.stop().await;
}

#[tokio::test]
async fn a_receiver_that_does_not_take_it_is_a_result() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let webhook = webhook(&world, &receiver).await;
    let other = receiver.url("/elsewhere");
    assert!(other.starts_with("https://"));
    for (reply, status, error) in [
        (WebhookReply::Status(500), json!(500), "the receiver answers 500"),
        (
            WebhookReply::With(302, "location", "https://hooks.example.com/elsewhere"),
            json!(302),
            "the receiver answers 302; redirects are not followed",
        ),
        (WebhookReply::Cut, json!(null), "can't be reached"),
    ] {
        receiver.answers(reply);
        let result = world.post(&path(&webhook, "/test"), json!({})).await.expect(200);
        assert_eq!((&result["delivered"], &result["status_code"]), (&json!(false), &status));
        assert!(text(&result, "error").contains(error), "{result}");
    }
    assert!(receiver.requests().iter().all(|request| request.path == "/in?key=s3cret"));
    world.post("/v1/webhooks/whk_none/test", json!({})).await.refused(404, "not_found", None);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_name_that_resolves_to_an_internal_address_is_not_sent_to() {
    let receiver = WebhookReceiver::start().await;
    let webhooks = receiver.public_access(&["*"]);
    let world = World::with(Options { webhooks, ..Options::ephemeral() }).await;
    let webhook = webhook(&world, &receiver).await;
    let result = world.post(&path(&webhook, "/test"), json!({})).await.expect(200);
    let error = text(&result, "error");
    assert!(error.contains("loopback") && !error.contains("s3cret"), "{error}");
    assert!(receiver.requests().is_empty());
    world.stack.stop().await;
}
