//! URL and secret of a webhook in a deployment on AWS: sealed by KMS.

use std::sync::Arc;

use slipway_aws::Clients;
use slipway_edge::{Services, Settings};
use slipway_test_support::{Kms, TestClock, WebhookReceiver, World, json, text};

use super::world;

/// A function instance on AWS, whose deployment seals with `envelope_key`.
fn instance(
    world: &World,
    kms: &Kms,
    clock: &TestClock,
    envelope_key: Option<String>,
) -> Arc<Services> {
    let settings = Settings { key_directory: None, envelope_key, ..world.stack.settings.clone() };
    let clients = Clients { kms: kms.client.clone().into(), ..Clients::local(&world.stack.local) };
    Services::new(&settings, &clients, clock.clock())
}

#[tokio::test(flavor = "multi_thread")]
async fn kms_seals_a_webhook_and_opens_it_for_that_webhook_alone() {
    let (receiver, clock) = (WebhookReceiver::start().await, TestClock::default());
    let world = world(&receiver, &clock).await;
    let Some(kms) = Kms::start(&world).await else { return };
    let key = kms.client.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    let services = instance(&world, &kms, &clock, Some(key));
    let create = |path: &str| {
        let body = json!({ "url": receiver.url(path) });
        world.call("webhook-create", "/v1/webhooks").json(&body)
    };
    let (webhook, cost) = create("/s3cret").on(&services).await;
    let webhook = webhook.expect(201);
    assert_eq!(cost.kms_requests, 1);
    let other = create("/other").on(&services).await.0.expect(201);
    let rows = world.rows().await;
    assert!(!format!("{rows:?}").contains("s3cret"));
    let sealed = |webhook: &slipway_test_support::Value| {
        let key = ("WEBHOOKS".to_owned(), text(webhook, "webhook_id").to_owned());
        text(&rows[&key], "sealed_target").to_owned()
    };
    let path = format!("/v1/webhooks/{}/test", text(&webhook, "webhook_id"));
    // Whoever sends needs no id of the key.
    let sender = instance(&world, &kms, &clock, None);
    let (sent, cost) = world.call("webhook-test", &path).on(&sender).await;
    assert_eq!((&sent.expect(200)["delivered"], cost.kms_requests), (&json!(true), 1));
    let [message] = &receiver.requests()[..] else { panic!() };
    assert_eq!(message.path, "/s3cret");
    assert!(message.is_signed_with(text(&webhook, "secret")));
    // What was sealed for another webhook does not open.
    let refused = open(&kms, &sealed(&other), text(&webhook, "webhook_id")).await;
    assert!(refused.is_err());
    open(&kms, &sealed(&webhook), text(&webhook, "webhook_id")).await.unwrap();

    // A deployment without a key says so.
    let (refused, _) = create("/third").on(&sender).await;
    refused.refused(503, "unavailable", None);
    world.stack.stop().await;
}

/// What KMS makes of a sealed text for the webhook `id`.
async fn open(kms: &Kms, sealed: &str, id: &str) -> slipway_edge::Result<Vec<u8>> {
    let key = slipway_signing_kms::SealingKey::Kms(kms.client.clone().into(), None);
    let meter = slipway_aws::Meter::default();
    key.open(id, sealed, &meter).await.map(|plaintext| plaintext.to_vec())
}
