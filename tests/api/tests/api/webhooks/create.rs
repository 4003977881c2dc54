//! `POST /v1/webhooks`

use slipway_test_support::{Method, Options, TestResponse, WebhookReceiver, World, json, text};

use super::{create, path, world};
use crate::assertions::{created, has_members};

const MEMBERS: &[&str] = &[
    "webhook_id",
    "origin",
    "event_types",
    "product_id",
    "format",
    "status",
    "disabled_at",
    "disabled_reason",
    "created_at",
    "created_by",
];

#[tokio::test]
async fn a_webhook_is_made_and_its_secret_is_shown_once() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    world.product("prod_app").await;
    let body = json!({
        "url": receiver.url("/in?key=s3cret"), "event_types": ["release.published"],
        "product_id": "prod_app", "format": "slack",
    });
    let request = world.admin(Method::POST, "/v1/webhooks").json(&body);
    let keyed = || request.try_clone().unwrap().header("idempotency-key", "k");
    let webhook = created(TestResponse::to(keyed()).await, "/v1/webhooks", "webhook_id");
    has_members(&webhook, &[MEMBERS, &["secret"]].concat());
    let secret = text(&webhook, "secret");
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    assert_eq!(webhook["origin"], receiver.url(""));
    assert_eq!((&webhook["status"], &webhook["format"]), (&json!("active"), &json!("slack")));

    let again = TestResponse::to(keyed()).await.expect(201);
    assert_eq!((&again["webhook_id"], &again["secret"]), (&webhook["webhook_id"], &json!(null)));
    let read = world.get(&path(&webhook, "")).await.expect(200);
    has_members(&read, MEMBERS);
    // No row has the secret or the URL in the clear, and no event.
    let rows = world.rows().await;
    assert!(rows.keys().any(|(pk, _)| pk == "WEBHOOKS"));
    let rows = format!("{rows:?}");
    assert!(!rows.contains(secret) && !rows.contains("s3cret"));
    world.delete(&path(&webhook, "")).await.expect(204);
    TestResponse::to(keyed()).await.refused(409, "stale_state", Some("Idempotency-Key"));
    world.stack.stop().await;
}

#[tokio::test]
async fn a_webhook_that_makes_no_sense_is_not_made() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let url = receiver.url("/in");
    for (body, status, code, field) in [
        (json!({}), 400, "invalid_field", "url"),
        (json!({ "url": "http://hooks.example.com/" }), 400, "invalid_field", "url"),
        (json!({ "url": "https://10.0.0.1/" }), 400, "invalid_field", "url"),
        (json!({ "url": "https://localhost/" }), 400, "invalid_field", "url"),
        (json!({ "url": "https://u:p@hooks.example.com/" }), 400, "invalid_field", "url"),
        (json!({ "url": url, "event_types": [] }), 400, "invalid_field", "event_types"),
        (json!({ "url": url, "event_types": ["release"] }), 400, "invalid_field", "event_types[0]"),
        (json!({ "url": url, "format": "teams" }), 400, "invalid_field", "format"),
        (json!({ "url": url, "secret": "whsec_" }), 400, "unknown_field", "secret"),
        (json!({ "url": url, "product_id": "prod_none" }), 422, "unknown_product", "product_id"),
    ] {
        create(&world, body).await.refused(status, code, Some(field));
    }
    let list = world.get("/v1/webhooks").await.expect(200);
    assert_eq!(list["webhooks"], json!([]));
    world.stack.stop().await;
}

#[tokio::test]
async fn a_webhook_is_for_hosts_that_the_deployment_names() {
    let receiver = WebhookReceiver::start().await;
    for hosts in [&[][..], &["hooks.example.net"], &["example.com"]] {
        let options = Options { webhooks: receiver.access(hosts), ..Options::ephemeral() };
        let world = World::with(options).await;
        let url = receiver.url("/s3cret");
        let refused = create(&world, json!({ "url": url })).await;
        refused.refused(403, "forbidden", None);
        let message = text(&refused.body["error"], "message");
        assert!(message.contains("WebhookHosts") && !message.contains("s3cret"), "{message}");
        assert!(message.contains("`--webhook-hosts`"), "{message}");
        world.stack.stop().await;
    }
}

#[tokio::test]
async fn a_deployment_without_a_key_to_seal_with_says_so() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let keys = world.stack.settings.key_directory.clone().unwrap();
    std::fs::remove_file(keys.join("webhooks.key")).unwrap();
    let refused = create(&world, json!({ "url": receiver.url("/in") })).await;
    refused.refused(503, "unavailable", None);
    assert!(text(&refused.body["error"], "message").contains("key to seal webhooks"));
    assert_eq!(world.get("/v1/webhooks").await.expect(200)["webhooks"], json!([]));
    world.stack.stop().await;
}

#[tokio::test]
async fn a_deployment_has_a_hundred_webhooks_at_the_most() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let body = json!({ "url": receiver.url("/in"), "event_types": ["key.added"] });
    let mut first = json!(null);
    for _ in 0..100 {
        first = create(&world, body.clone()).await.expect(201);
    }
    create(&world, body.clone()).await.refused(409, "limit_reached", None);
    world.delete(&path(&first, "")).await.expect(204);
    create(&world, body).await.expect(201);
    world.stack.stop().await;
}
