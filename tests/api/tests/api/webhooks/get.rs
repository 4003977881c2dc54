//! `GET /v1/webhooks/{webhook_id}`

use slipway_test_support::{WebhookReceiver, text};

use super::{path, webhook, world};

#[tokio::test]
async fn a_webhook_is_read_without_url_and_secret() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let created = webhook(&world, &receiver).await;
    let read = world.get(&path(&created, "")).await.expect(200);
    let mut expected = created.clone();
    expected.as_object_mut().unwrap().remove("secret");
    assert_eq!(read, expected);
    assert!(!read.to_string().contains("s3cret"));
    assert!(!read.to_string().contains(text(&created, "secret")));
    world.get("/v1/webhooks/whk_none").await.refused(404, "not_found", None);
    world.stack.stop().await;
}
