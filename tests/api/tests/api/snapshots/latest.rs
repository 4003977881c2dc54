//! `GET /v1/snapshots/latest`

use slipway_test_support::json;

use super::latest;
use super::{contents, verified, world};

#[tokio::test]
async fn latest_is_of_exactly_the_stream_that_is_asked_for_else_of_the_newest_that_has_it() {
    let world = world().await;
    world.product("prod_a").await;
    world.publish("prod_a", "1.0.0", "stable").await;
    world.publish("prod_a", "2.0.0", "beta").await;
    let none = world.get("/v1/snapshots/latest?tenant_id=tenant_acme").await;
    none.refused(404, "not_found", None);
    let all = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    assert_eq!(
        latest(&world, "tenant_id=tenant_acme&channels=stable").await["snapshot_id"],
        all["snapshot_id"]
    );
    let both = world
        .generate_snapshot(json!({ "tenant_id": "tenant_acme", "channels": ["stable", "beta"] }))
        .await;
    assert_eq!(
        latest(&world, "tenant_id=tenant_acme&channels=stable").await["snapshot_id"],
        both["snapshot_id"],
        "the newer one"
    );
    let stable = world
        .generate_snapshot(json!({ "tenant_id": "tenant_acme", "channels": ["stable"] }))
        .await;
    let again = world.generate_snapshot(json!({ "tenant_id": "tenant_acme", "force": true })).await;
    for (query, expected) in [
        ("tenant_id=tenant_acme", &again),
        ("tenant_id=tenant_acme&channels=stable", &stable),
        ("tenant_id=tenant_acme&channels=beta,stable", &both),
        ("tenant_id=tenant_acme&channels=stable&channels=beta", &both),
        ("tenant_id=tenant_acme&channels=internal", &again),
    ] {
        let manifest = latest(&world, query).await;
        verified(&world, &manifest).await;
        assert_eq!(manifest["snapshot_id"], expected["snapshot_id"], "{query}");
    }
    assert_eq!(
        contents(&latest(&world, "tenant_id=tenant_acme&channels=stable").await),
        ["prod_a stable 1.0.0"]
    );
}

#[tokio::test]
async fn latest_says_whose_and_of_what() {
    let world = world().await;
    world.get("/v1/snapshots/latest").await.refused(400, "invalid_field", Some("tenant_id"));
    world.get("/v1/snapshots/latest?tenant_id=tenant_acme&channels=").await.refused(
        400,
        "invalid_field",
        Some("channels"),
    );
    world.get("/v1/snapshots/latest?tenant_id=tenant_acme&channel=beta").await.refused(
        400,
        "unknown_field",
        Some("channel"),
    );
}
