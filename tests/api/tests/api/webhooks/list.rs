//! `GET /v1/webhooks`

use slipway_test_support::{WebhookReceiver, text};

use super::{webhook, world};
use crate::assertions::{each, has_members};

#[tokio::test]
async fn webhooks_are_listed_newest_first_without_url_and_secret() {
    let receiver = WebhookReceiver::start().await;
    let world = world(&receiver).await;
    let (first, second) = (webhook(&world, &receiver).await, webhook(&world, &receiver).await);
    let list = world.get("/v1/webhooks").await.expect(200);
    has_members(&list, &["webhooks", "next_cursor"]);
    let ids = [text(&second, "webhook_id"), text(&first, "webhook_id")];
    let mut listed = each(&list["webhooks"], "webhook_id");
    // Two of one millisecond are in any order.
    if text(&first, "created_at") == text(&second, "created_at") {
        listed.sort_unstable_by(|one, other| other.cmp(one));
    }
    assert_eq!(listed, ids);
    let told = list.to_string();
    assert!(!told.contains("s3cret") && !told.contains(text(&first, "secret")));
    world.stack.stop().await;
}
