//! `GET /v1/snapshots/{snapshot_id}/bundle`

use std::collections::BTreeSet;

use slipway_test_support::{World, json};

use super::{manifest, world};
use crate::assertions::{each, has_members};

#[tokio::test]
async fn the_bundle_is_the_manifest_and_each_artifact_once() {
    let world = world().await;
    world.product("prod_a").await;
    let shared = world.external(1).await;
    for channel in ["stable", "beta"] {
        world
            .post("/v1/releases", World::release_of("prod_a", "1.0.0", channel, &shared))
            .await
            .expect(201);
    }
    world.publish("prod_a", "2.0.0", "internal").await;
    let snapshot = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    assert_eq!((&snapshot["release_count"], &snapshot["artifact_count"]), (&json!(3), &json!(2)));
    let manifest = manifest(&world, &snapshot).await;
    let path = format!("/v1/snapshots/{}/bundle", snapshot["snapshot_id"].as_str().unwrap());
    let bundle = world.get(&path).await.expect(200);
    has_members(&bundle, &["snapshot_id", "manifest", "artifacts", "signature"]);
    assert_eq!(
        (&bundle["snapshot_id"], &bundle["signature"]),
        (&snapshot["snapshot_id"], &manifest["signature"])
    );
    assert_eq!(bundle["manifest"], manifest);
    has_members(&bundle["artifacts"][0], &["artifact_id", "sha256", "download_url", "size_bytes"]);
    let digests: BTreeSet<_> = each(&bundle["artifacts"], "sha256").into_iter().collect();
    assert_eq!(digests.len(), 2);
}

#[tokio::test]
async fn managed_artifacts_are_located_at_this_api_and_external_ones_where_they_are() {
    let world = world().await;
    world.product("prod_a").await;
    world.publish("prod_a", "1.0.0", "stable").await;
    let (bytes, sha256) = slipway_test_support::file(3, 1000);
    let upload = world.initiate(bytes.len(), &sha256).await;
    world.send(&upload["upload_url"], bytes.clone()).await;
    let artifact = world.complete(&upload).await.expect(200)["artifact_id"].clone();
    let release = World::release_of("prod_a", "1.0.0", "beta", artifact.as_str().unwrap());
    world.post("/v1/releases", release).await.expect(201);
    let manifest =
        manifest(&world, &world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await)
            .await;
    let url = |index: usize| {
        manifest["releases"][index]["artifacts"][0]["download_url"].as_str().unwrap()
    };
    assert_eq!(
        url(0),
        format!("{}/v1/artifacts/{}/download", world.stack.base_url, artifact.as_str().unwrap())
    );
    assert!(url(1).starts_with("https://artifacts.example.com/"), "{}", url(1));
    assert_eq!(world.download(&artifact).await, bytes);
}
