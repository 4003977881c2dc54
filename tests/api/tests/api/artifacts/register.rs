//! `POST /v1/artifacts`

use slipway_test_support::{World, file, json, text};

use super::external;
use crate::assertions::{created, has_members};

const MEMBERS: &[&str] = &[
    "artifact_id",
    "source_type",
    "sha256",
    "size_bytes",
    "external_url",
    "filename",
    "created_at",
    "created_by",
    "verified",
    "check",
];

#[tokio::test]
async fn an_external_artifact_is_registered_as_said_and_nothing_is_fetched() {
    let world = World::start().await;
    let (_, sha256) = file(1, 64);
    let artifact = created(
        world.post("/v1/artifacts", external(&sha256)).await,
        "/v1/artifacts",
        "artifact_id",
    );
    has_members(&artifact, MEMBERS);
    assert_eq!(
        (&artifact["source_type"], &artifact["sha256"], &artifact["size_bytes"]),
        (&json!("EXTERNAL"), &json!(sha256), &json!(64))
    );
    assert_eq!(artifact["external_url"], "https://cdn.example.com/app.msi?v=1");
    assert_eq!(artifact["created_by"], "bootstrap");

    let found = world.get(&format!("/v1/artifacts/{}", text(&artifact, "artifact_id"))).await;
    // A check may change it.
    assert_eq!(found.header("cache-control").unwrap(), "no-cache");
    assert_eq!((&artifact["verified"], &artifact["check"]), (&json!(false), &json!(null)));
    assert_eq!(found.expect(200), artifact);
}

#[tokio::test]
async fn a_digest_in_upper_case_is_taken_and_stored_in_lower_case() {
    let world = World::start().await;
    let (_, sha256) = file(1, 64);
    let artifact = world.post("/v1/artifacts", external(&sha256.to_uppercase())).await.expect(201);
    assert_eq!(artifact["sha256"], json!(sha256));
}

#[tokio::test]
async fn a_claim_that_disagrees_with_verified_bytes_is_refused() {
    let world = World::start().await;
    let upload = world.arrived(1, 1000).await;
    world.complete(&upload).await.expect(200);
    let (_, sha256) = file(1, 1000);
    let claim = |size: u64| {
        let url = "https://artifacts.example.com/app.msi";
        json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": size, "external_url": url })
    };
    let rows = world.rows().await;
    let refused = world.post("/v1/artifacts", claim(1)).await;
    refused.refused(409, "checksum_mismatch", Some("size_bytes"));
    assert_eq!(world.rows().await, rows);
    // The same bytes may well be elsewhere too.
    world.post("/v1/artifacts", claim(1000)).await.expect(201);
}
