//! `POST /v1/tokens`: what a token is bound to exists.

use slipway_test_support::{TestResponse, Value, World, json};

async fn token(world: &World, binding: Value) -> TestResponse {
    let mut body = json!({ "name": "ci", "scopes": ["ci:write"] });
    body.as_object_mut().unwrap().extend(binding.as_object().unwrap().clone());
    world.post("/v1/tokens", body).await
}

/// `prod_plain` has the standard channels, `prod_nightly` one more, `prod_open` any.
async fn world() -> World {
    let world = World::start().await;
    world.product("prod_plain").await;
    for product in [
        json!({ "product_id": "prod_nightly", "name": "Nightly", "channels": ["nightly"] }),
        json!({ "product_id": "prod_open", "name": "Open", "open_channels": true }),
    ] {
        world.post("/v1/products", product).await.expect(201);
    }
    world
}

#[tokio::test]
async fn products_that_there_are_not_are_named() {
    let world = world().await;
    let answer = token(&world, json!({ "product_ids": ["prod_plain", "prod_b", "prod_a"] })).await;
    answer.refused(422, "unknown_product", Some("product_ids"));
    assert_eq!(answer.body["error"]["details"], json!({ "product_ids": ["prod_a", "prod_b"] }));
    assert_eq!(world.get("/v1/tokens").await.expect(200)["tokens"], json!([]));
    token(&world, json!({ "product_ids": ["prod_plain"] })).await.expect(201);
}

#[tokio::test]
async fn a_channel_is_one_of_a_product_that_the_token_is_for() {
    let world = world().await;
    let plain = json!({ "product_ids": ["prod_plain"], "channels": ["nightly", "beta", "lts"] });
    let answer = token(&world, plain).await;
    answer.refused(422, "unknown_channel", Some("channels"));
    assert_eq!(answer.body["error"]["details"], json!({ "channels": ["lts", "nightly"] }));
    for accepted in [
        json!({ "product_ids": ["prod_plain"], "channels": ["beta", "internal", "stable"] }),
        json!({ "product_ids": ["prod_plain", "prod_nightly"], "channels": ["nightly"] }),
        json!({ "product_ids": ["prod_open"], "channels": ["pr-7"] }),
        json!({ "channels": ["beta"] }),
    ] {
        token(&world, accepted).await.expect(201);
    }
}

#[tokio::test]
async fn without_products_it_is_one_of_any_product() {
    let world = World::start().await;
    world.product("prod_plain").await;
    let nightly = || token(&world, json!({ "channels": ["nightly"] }));
    nightly().await.refused(422, "unknown_channel", Some("channels"));
    world.patch("/v1/products/prod_plain", json!({ "channels": ["nightly"] })).await.expect(200);
    nightly().await.expect(201);
}
