//! Reading snapshots.

use std::collections::BTreeSet;

use slipway_test_support::{Method, TestResponse, Value, World, json};

use super::{contents, generate, manifest, tenant, verified, world};
use crate::assertions::{each, has_members, publish};

async fn latest(world: &World, query: &str) -> Value {
    world.get(&format!("/v1/snapshots/latest?{query}")).await.expect(200)
}

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
    publish(&world, "prod_a", "2.0.0", "internal").await;
    let snapshot = generate(&world, json!({ "tenant_id": "tenant_acme" })).await;
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
    publish(&world, "prod_a", "1.0.0", "stable").await;
    let (bytes, sha256) = slipway_test_support::file(3, 1000);
    let upload = world.initiate(bytes.len(), &sha256).await;
    world.send(&upload["upload_url"], bytes.clone()).await;
    let artifact = world.complete(&upload).await.expect(200)["artifact_id"].clone();
    let release = World::release_of("prod_a", "1.0.0", "beta", artifact.as_str().unwrap());
    world.post("/v1/releases", release).await.expect(201);
    let manifest =
        manifest(&world, &generate(&world, json!({ "tenant_id": "tenant_acme" })).await).await;
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

#[tokio::test]
async fn latest_is_of_exactly_the_stream_that_is_asked_for_else_of_the_newest_that_has_it() {
    let world = world().await;
    world.product("prod_a").await;
    publish(&world, "prod_a", "1.0.0", "stable").await;
    publish(&world, "prod_a", "2.0.0", "beta").await;
    let none = world.get("/v1/snapshots/latest?tenant_id=tenant_acme").await;
    none.refused(404, "not_found", None);
    let all = generate(&world, json!({ "tenant_id": "tenant_acme" })).await;
    assert_eq!(
        latest(&world, "tenant_id=tenant_acme&channels=stable").await["snapshot_id"],
        all["snapshot_id"]
    );
    let both =
        generate(&world, json!({ "tenant_id": "tenant_acme", "channels": ["stable", "beta"] }))
            .await;
    assert_eq!(
        latest(&world, "tenant_id=tenant_acme&channels=stable").await["snapshot_id"],
        both["snapshot_id"],
        "the newer one"
    );
    let stable =
        generate(&world, json!({ "tenant_id": "tenant_acme", "channels": ["stable"] })).await;
    let again = generate(&world, json!({ "tenant_id": "tenant_acme", "force": true })).await;
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

#[tokio::test]
async fn what_never_changes_may_be_kept_and_what_may_change_is_asked_again() {
    let world = world().await;
    let snapshot = generate(&world, json!({ "tenant_id": "tenant_acme" })).await;
    let id = snapshot["snapshot_id"].as_str().unwrap();
    for path in [format!("/v1/snapshots/{id}"), format!("/v1/snapshots/{id}/bundle")] {
        assert!(
            world.get(&path).await.header("cache-control").unwrap().contains("immutable"),
            "{path}"
        );
    }
    let path = "/v1/snapshots/latest?tenant_id=tenant_acme";
    let first = world.get(path).await;
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let etag = first.header("etag").unwrap();
    let again =
        TestResponse::to(world.admin(Method::GET, path).header("if-none-match", etag)).await;
    assert_eq!((again.status, &again.body), (304, &Value::Null));
}

#[tokio::test]
async fn snapshots_are_listed_newest_first_by_page() {
    let world = world().await;
    tenant(&world, "tenant_other", json!([])).await;
    for tenant in ["tenant_acme", "tenant_other", "tenant_acme", "tenant_acme"] {
        generate(&world, json!({ "tenant_id": tenant, "force": true })).await;
    }
    let page = world.get("/v1/snapshots?tenant_id=tenant_acme&limit=2").await.expect(200);
    let sequences = |page: &Value| {
        page["snapshots"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["sequence"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(sequences(&page), [3, 2]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = world
        .get(&format!("/v1/snapshots?tenant_id=tenant_acme&limit=2&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!((sequences(&rest), &rest["next_cursor"]), (vec![1], &Value::Null));
    assert_eq!(
        world.get("/v1/snapshots").await.expect(200)["snapshots"].as_array().unwrap().len(),
        4
    );
}

#[tokio::test]
async fn beyond_five_mebibytes_a_snapshot_is_fetched_from_storage() {
    let world = world().await;
    // Metadata makes it long quickly: 16 KiB a release at the most.
    let notes = "n".repeat(15_000);
    let artifact = world.external(1).await;
    for product in 0..120 {
        let id = format!("prod_p{product}");
        world.product(&id).await;
        for channel in ["stable", "beta", "internal"] {
            let mut release = World::release_of(&id, "1.0.0", channel, &artifact);
            release["metadata"] = json!({ "notes": notes });
            world.post("/v1/releases", release).await.expect(201);
        }
    }
    let snapshot = generate(&world, json!({ "tenant_id": "tenant_acme" })).await;
    assert!(snapshot["manifest_bytes"].as_u64().unwrap() > 5 << 20, "{snapshot:#}");
    let id = snapshot["snapshot_id"].as_str().unwrap();
    let mut fetched = Vec::new();
    for path in [
        format!("/v1/snapshots/{id}"),
        "/v1/snapshots/latest?tenant_id=tenant_acme".to_owned(),
        format!("/v1/snapshots/{id}/bundle"),
    ] {
        let answer = world.get(&path).await;
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (303, Some("no-store")),
            "{path}"
        );
        let response = world.http().get(answer.header("location").unwrap()).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()),
            (200, "application/json")
        );
        fetched.push(response.json::<Value>().await.unwrap());
    }
    verified(&world, &fetched[0]).await;
    assert_eq!((&fetched[0], &fetched[0]), (&fetched[1], &fetched[2]["manifest"]));
}
