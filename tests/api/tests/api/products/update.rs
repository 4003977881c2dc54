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

#[tokio::test]
async fn emulation_is_allowed_and_forbidden_again() {
    let world = World::start().await;
    assert_eq!(world.product("prod_app").await["allow_emulation"], false);
    for (patch, expected) in [
        (json!({ "allow_emulation": true }), true),
        (json!({ "allow_emulation": null }), true),
        (json!({ "name": "App" }), true),
        (json!({ "allow_emulation": false }), false),
    ] {
        let product = world.patch("/v1/products/prod_app", patch).await.expect(200);
        assert_eq!(product["allow_emulation"], expected);
        assert_eq!(world.get("/v1/products/prod_app").await.expect(200), product);
    }
    let illegal = json!({ "allow_emulation": "yes" });
    let refused = world.patch("/v1/products/prod_app", illegal).await;
    refused.refused(400, "invalid_field", Some("allow_emulation"));
}

#[tokio::test]
async fn a_channel_with_live_releases_is_not_removed() {
    let world = World::start().await;
    let product =
        json!({ "product_id": "prod_app", "name": "App", "channels": ["edge", "lts", "nightly"] });
    let before = world.post("/v1/products", product).await.expect(201);
    let edge = world.publish("prod_app", "1.0.0", "edge").await;
    let nightly = world.publish("prod_app", "1.0.0", "nightly").await;
    let remove = async || world.patch("/v1/products/prod_app", json!({ "channels": [] })).await;
    let refused = remove().await;
    refused.refused(409, "stale_state", Some("channels"));
    assert_eq!(refused.body["error"]["details"]["channels"], json!(["edge", "nightly"]));
    assert_eq!(world.get("/v1/products/prod_app").await.expect(200), before);
    world.revoke(&edge).await;
    assert_eq!(remove().await.body["error"]["details"]["channels"], json!(["nightly"]));
    world.revoke(&nightly).await;
    assert_eq!(remove().await.expect(200)["channels"], json!(["beta", "internal", "stable"]));
}

#[tokio::test]
async fn prereleases_are_allowed_on_channels_that_the_product_has() {
    let world = World::start().await;
    let product = |allowed: &[&str]| json!({ "product_id": "prod_app", "name": "App", "channels": ["nightly"], "allow_prerelease_on": allowed });
    let refused = world.post("/v1/products", product(&["weekly"])).await;
    refused.refused(400, "invalid_field", Some("allow_prerelease_on"));
    let created = world.post("/v1/products", product(&["stable", "nightly"])).await.expect(201);
    assert_eq!(created["allow_prerelease_on"], json!(["nightly", "stable"]));
    world.release("prod_app", "1.0.0-rc.1").await;
    let patch = async |body| world.patch("/v1/products/prod_app", body).await;
    let renamed = patch(json!({ "name": "New" })).await.expect(200);
    assert_eq!(renamed["allow_prerelease_on"], created["allow_prerelease_on"]);
    let removed = patch(json!({ "channels": [] })).await.expect(200);
    assert_eq!(removed["allow_prerelease_on"], json!(["stable"]));
    let refused = patch(json!({ "allow_prerelease_on": ["nightly"] })).await;
    refused.refused(400, "invalid_field", Some("allow_prerelease_on"));
    patch(json!({ "allow_prerelease_on": [] })).await.expect(200);
    let body = World::release_of("prod_app", "1.0.0-rc.2", "stable", &world.external(9).await);
    let refused = world.post("/v1/releases", body).await;
    refused.refused(422, "prerelease_not_allowed", Some("version"));
}
