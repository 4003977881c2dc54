//! `GET /v1/mirrors/{mirror_id}/status`

use slipway_test_support::{World, json};

use super::mirror;

#[tokio::test]
async fn a_mirror_of_another_tenant_does_not_exist() {
    let world = World::start().await;
    let foreign = mirror(&world, "tenant_other").await;
    world.tenant("tenant_acme", json!("*")).await;
    let secret =
        world.secret(json!({ "scopes": ["mirrors:read"], "tenant_id": "tenant_acme" })).await;
    let body = json!({ "outcome": "synced", "snapshot_id": "snapshot_1" });
    world.post_as(&secret, &format!("/v1/mirrors/{foreign}/report"), body).await.refused(
        404,
        "not_found",
        None,
    );
    world.get("/v1/mirrors/mir_none/status").await.refused(404, "not_found", None);
    let nobody =
        world.post("/v1/mirrors", json!({ "tenant_id": "tenant_none", "name": "Berlin" })).await;
    nobody.refused(404, "not_found", Some("tenant_id"));
}
