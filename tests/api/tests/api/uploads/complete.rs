//! `POST /v1/artifacts/uploads/{upload_id}/complete`

use slipway_test_support::{Value, World, file, json, text, upload_path};

use super::{VIEW, initiate};
use crate::assertions::has_members;

#[tokio::test]
async fn completing_makes_an_artifact_and_again_answers_the_same() {
    let world = World::start().await;
    let (upload, bytes) = initiate(&world).await;
    let put = world.http().put(text(&upload, "upload_url")).body(bytes).send().await.unwrap();
    assert!(put.status().is_success(), "{put:?}");
    let view = world.post(&upload_path(&upload, "/complete"), json!({})).await.expect(200);
    has_members(&view, VIEW);
    assert_eq!(view["status"], "available");
    let artifact =
        world.get(&format!("/v1/artifacts/{}", text(&view, "artifact_id"))).await.expect(200);
    assert_eq!(
        (&artifact["source_type"], &artifact["external_url"]),
        (&json!("MANAGED"), &Value::Null)
    );
    let again = world
        .post(&upload_path(&upload, "/complete"), json!({ "checksum": artifact["sha256"] }))
        .await
        .expect(200);
    assert_eq!(again, view);
    assert_eq!(world.get(&upload_path(&upload, "")).await.expect(200), view);
    // What has become an artifact stays one.
    world.delete(&upload_path(&upload, "")).await.refused(409, "stale_state", None);
    let download =
        world.get(&format!("/v1/artifacts/{}/download", text(&view, "artifact_id"))).await;
    assert_eq!(download.status, 302);
}

#[tokio::test]
async fn completing_before_the_bytes_are_there_or_with_another_checksum_is_refused() {
    let world = World::start().await;
    let (upload, _) = initiate(&world).await;
    world.post(&upload_path(&upload, "/complete"), json!({})).await.refused(
        409,
        "upload_incomplete",
        None,
    );
    let (_, other) = file(2, 1000);
    let refused =
        world.post(&upload_path(&upload, "/complete"), json!({ "checksum": other })).await;
    refused.refused(409, "checksum_mismatch", Some("checksum"));
    assert_eq!(refused.body["error"]["details"]["actual_sha256"], json!(other));
    assert_eq!(world.get(&upload_path(&upload, "")).await.expect(200)["status"], "pending");
}
