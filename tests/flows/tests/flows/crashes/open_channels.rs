//! Open channels: the release, and the product that gets its channel.

use futures::FutureExt;
use slipway_test_support::{World, json};

use super::{Action, Keys, Scenario, play};

/// A product that takes any channel.
async fn open_product(world: &World, number: u64) -> String {
    let id = format!("prod_open{number}");
    let product = json!({ "product_id": id, "name": id, "open_channels": true });
    world.post("/v1/products", product).await.expect(201);
    id
}

const CREATE: Scenario = Scenario::new("release-create, on a new channel", |world, number| {
    async move {
        let (product, artifact) = (open_product(world, number).await, world.external(number).await);
        let body = World::release_of(&product, "1.0.0", "nightly", &artifact);
        Action::Call(world.call("release-create", "/v1/releases").json(&body))
    }
    .boxed()
});

const CREATE_DRAFT: Scenario =
    Scenario::new("release-create, a draft on a new channel", |world, number| {
        async move {
            let product = open_product(world, number).await;
            let body = json!({ "product_id": product, "version": "1.0.0", "channel": "nightly" });
            Action::Call(world.call("release-create", "/v1/releases").json(&body))
        }
        .boxed()
    });

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_a_release_and_its_new_channel_old_or_new() {
    play(&[CREATE, CREATE_DRAFT], Keys::None, 20).await.stack.stop().await;
}
