//! `PATCH /v1/products/{product_id}`

use slipway_test_support::{World, json};

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::start().await;
    let before = world
        .post("/v1/products", json!({ "product_id": "prod_app", "name": "App", "slug": "app" }))
        .await
        .expect(201);
    let patch = json!({ "name": "New name", "channels": ["nightly"] });
    let after = world.patch("/v1/products/app", patch).await.expect(200);
    assert_eq!(
        (&after["name"], &after["channels"]),
        (&json!("New name"), &json!(["beta", "internal", "nightly", "stable"]))
    );
    for same in ["product_id", "slug", "description", "artifact_access", "created_at"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(world.get("/v1/products/prod_app").await.expect(200), after);
    world.patch("/v1/products/prod_none", json!({ "name": "x" })).await.refused(
        404,
        "not_found",
        None,
    );
}
