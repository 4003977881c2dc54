//! `GET /v1/artifacts/{artifact_id}`

use slipway_test_support::World;

#[tokio::test]
async fn unknown_artifacts_are_404() {
    let world = World::start().await;
    world.get("/v1/artifacts/art_none").await.refused(404, "not_found", None);
    world.get("/v1/artifacts/art_none/download").await.refused(404, "not_found", None);
}
