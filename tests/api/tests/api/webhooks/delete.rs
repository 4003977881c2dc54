//! `DELETE /v1/webhooks/{webhook_id}`

use std::time::Duration;

use slipway_test_support::{WebhookReceiver, json};

use super::{path, webhook, world};

#[tokio::test]
async fn a_deleted_webhook_is_told_of_nothing_more() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let (deleted, kept) = (webhook(&world, &receiver).await, webhook(&world, &receiver).await);
    world.delete(&path(&deleted, "")).await.expect(204);
    for rest in ["", "/deliveries"] {
        world.get(&path(&deleted, rest)).await.refused(404, "not_found", None);
    }
    world.delete(&path(&deleted, "")).await.refused(404, "not_found", None);
    world.product("prod_app").await;
    let is_product = |message: &slipway_test_support::WebhookRequest| {
        message.json()["type"] == json!("product.created")
    };
    for _ in 0..400 {
        if receiver.requests().iter().any(is_product) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let told: Vec<_> = receiver.requests().into_iter().filter(is_product).collect();
    assert_eq!(told.len(), 1, "the one that was kept");
    assert!(told[0].is_signed_with(kept["secret"].as_str().unwrap()));
    world.stack.stop().await;
}
