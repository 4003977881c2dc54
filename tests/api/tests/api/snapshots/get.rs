//! `GET /v1/snapshots/{snapshot_id}`

use slipway_aws::Clients;
use slipway_test_support::{Method, TestResponse, Value, World, json};

use super::{verified, world};

#[tokio::test]
async fn what_never_changes_may_be_kept_and_what_may_change_is_asked_again() {
    let world = world().await;
    let snapshot = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
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
async fn beyond_five_mebibytes_a_snapshot_is_fetched_from_storage() {
    let world = world().await;
    let snapshot = long_snapshot(&world, 120).await;
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

/// A snapshot with the largest releases of so many products.
async fn long_snapshot(world: &World, products: usize) -> Value {
    // Metadata makes it long quickly: 16 KiB a release at the most.
    let notes = "n".repeat(15_000);
    let artifact = world.external(1).await;
    for product in 0..products {
        let id = format!("prod_p{product}");
        world.product(&id).await;
        for channel in ["stable", "beta", "internal"] {
            let mut release = World::release_of(&id, "1.0.0", channel, &artifact);
            release["metadata"] = json!({ "notes": notes });
            world.post("/v1/releases", release).await.expect(201);
        }
    }
    world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await
}

#[tokio::test]
async fn from_four_mebibytes_on_a_manifest_has_a_place_of_its_own_which_0_1_0_gave_it_from_five_on()
{
    let world = world().await;
    let snapshot = long_snapshot(&world, 95).await;
    let bytes = snapshot["manifest_bytes"].as_u64().unwrap();
    assert!((4 << 20..5 << 20).contains(&bytes), "{snapshot:#}");
    let id = snapshot["snapshot_id"].as_str().unwrap();
    let path = format!("/v1/snapshots/{id}");
    let answer = world.get(&path).await;
    assert_eq!(answer.status, 303);
    let url = answer.header("location").unwrap();
    let manifest: Value = world.http().get(url).send().await.unwrap().json().await.unwrap();
    verified(&world, &manifest).await;

    // What 0.1.0 has left: the bundle alone.
    let s3 = Clients::local(&world.stack.local).s3;
    let (tenant, snapshot_id) = ("tenant_acme".parse().unwrap(), id.parse().unwrap());
    let key = slipway_storage::manifest(&tenant, &snapshot_id);
    let bucket = &world.stack.settings.bucket;
    s3.delete_object().bucket(bucket).key(key).send().await.unwrap();
    assert_eq!(world.get(&path).await.expect(200), manifest);
}
