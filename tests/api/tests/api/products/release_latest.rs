//! `GET /v1/products/{product_id}/releases/latest`

use slipway_test_support::{World, json};

#[tokio::test]
async fn the_latest_release_is_the_highest_published_one_on_the_channel() {
    let world = World::start().await;
    world
        .post("/v1/products", json!({ "product_id": "prod_app", "name": "App", "slug": "app" }))
        .await
        .expect(201);
    world.get("/v1/products/prod_app/releases/latest").await.refused(404, "not_found", None);
    let newest = world.publish("prod_app", "1.10.0", "stable").await;
    let older = world.publish("prod_app", "1.9.0", "stable").await;
    world.publish("prod_app", "2.0.0-beta.1", "beta").await;
    let latest = async |path: &str| world.get(&format!("/v1/products/{path}")).await;

    let answer = latest("prod_app/releases/latest").await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.expect(200), newest);
    assert_eq!(
        latest("app/releases/latest?channel=beta").await.expect(200)["version"],
        "2.0.0-beta.1"
    );
    world.revoke(&newest).await;
    assert_eq!(latest("prod_app/releases/latest").await.expect(200), older);
    latest("prod_app/releases/latest?channel=internal").await.refused(404, "not_found", None);
}
