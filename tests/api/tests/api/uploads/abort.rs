//! `DELETE /v1/artifacts/uploads/{upload_id}`

use slipway_test_support::{World, json, upload_path};

use super::initiate;

#[tokio::test]
async fn an_aborted_upload_stays_aborted() {
    let world = World::start().await;
    let (upload, _) = initiate(&world).await;
    world.delete(&upload_path(&upload, "")).await.expect(204);
    world.delete(&upload_path(&upload, "")).await.expect(204);
    assert_eq!(world.get(&upload_path(&upload, "")).await.expect(200)["status"], "aborted");
    world.post(&upload_path(&upload, "/complete"), json!({})).await.refused(
        409,
        "stale_state",
        None,
    );
}
