//! `POST /v1/snapshots/generate`: channels that follow others

use slipway_test_support::{Value, World, json};

use super::{manifest, world};

/// A product with a release on three channels, which `beta` and `internal` follow.
async fn with_follows() -> World {
    let world = world().await;
    let follows = json!({ "beta": ["internal", "stable"], "internal": ["stable"] });
    let product = json!({ "product_id": "prod_app", "name": "App", "channel_follows": follows });
    world.post("/v1/products", product).await.expect(201);
    for channel in ["beta", "internal", "stable"] {
        world.publish("prod_app", "1.0.0", channel).await;
    }
    world
}

/// By channel, the channels whose clients are offered the release as well.
async fn followed_by(world: &World, request: Value) -> Vec<String> {
    let snapshot = world.generate_snapshot(request).await;
    let manifest = manifest(world, &snapshot).await;
    let releases = manifest["releases"].as_array().unwrap().iter();
    releases.map(|one| format!("{}: {}", one["channel"], one["followed_by"])).collect()
}

#[tokio::test]
async fn each_release_names_the_channels_of_the_snapshot_that_follow_its_channel() {
    let world = with_follows().await;
    world.tenant("tenant_one", json!(["prod_app"])).await;
    for tenant in ["tenant_acme", "tenant_one"] {
        assert_eq!(
            followed_by(&world, json!({ "tenant_id": tenant })).await,
            [r#""beta": null"#, r#""internal": ["beta"]"#, r#""stable": ["beta","internal"]"#]
        );
        let some = json!({ "tenant_id": tenant, "channels": ["beta", "stable"] });
        assert_eq!(followed_by(&world, some).await, [r#""beta": null"#, r#""stable": ["beta"]"#]);
        let alone = json!({ "tenant_id": tenant, "channels": ["stable"] });
        assert_eq!(followed_by(&world, alone).await, [r#""stable": null"#]);
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn a_snapshot_is_made_anew_where_channels_follow_others_than_before_and_only_then() {
    let world = with_follows().await;
    let snapshot = async || world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    let follow = async |follows: Value| {
        let patch = json!({ "channel_follows": follows });
        world.patch("/v1/products/prod_app", patch).await.expect(200);
    };
    let first = snapshot().await;
    world.patch("/v1/products/prod_app", json!({ "name": "New" })).await.expect(200);
    assert_eq!(snapshot().await["changed"], false);
    follow(json!({})).await;
    let without = snapshot().await;
    assert_eq!((&without["changed"], &without["sequence"]), (&json!(true), &json!(2)));
    let releases = manifest(&world, &without).await["releases"].clone();
    let releases = releases.as_array().unwrap();
    assert!(releases.iter().all(|release| release.get("followed_by").is_none()), "{releases:?}");
    follow(json!({ "internal": ["stable"], "beta": ["stable", "internal"] })).await;
    let again = snapshot().await;
    assert_eq!(
        (&again["changed"], &again["content_digest"]),
        (&json!(true), &first["content_digest"])
    );
    world.stack.stop().await;
}

#[tokio::test]
async fn a_version_is_found_on_every_channel_where_channels_follow_others() {
    let world = with_follows().await;
    let page = world.get("/v1/products/prod_app/releases?channel=stable").await.expect(200);
    let revoked = world.revoke(&page["releases"][0]).await;
    assert_eq!(revoked["still_live_on"], json!(["beta", "internal"]));
    world.stack.stop().await;
}
