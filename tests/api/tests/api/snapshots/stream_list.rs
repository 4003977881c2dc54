//! `GET /v1/tenants/{tenant_id}/streams`

use slipway_test_support::json;

use super::world;

#[tokio::test]
async fn a_tenant_s_streams_are_listed_with_their_newest_snapshots() {
    let world = world().await;
    let path = "/v1/tenants/tenant_acme/streams";
    assert_eq!(world.get(path).await.expect(200), json!({ "streams": [] }));
    let all = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    let beta = json!({ "tenant_id": "tenant_acme", "channels": ["beta"] });
    let beta = world.generate_snapshot(beta).await;
    let listed = world.get(path).await.expect(200);
    let streams = listed["streams"].as_array().unwrap();
    assert_eq!(streams.len(), 2);
    for (snapshot, channels) in [(&all, json!(null)), (&beta, json!(["beta"]))] {
        let stream = streams.iter().find(|stream| stream["stream"] == snapshot["stream"]).unwrap();
        assert_eq!(stream["channels"], channels);
        assert_eq!(stream["latest"]["snapshot_id"], snapshot["snapshot_id"]);
    }
    world.get("/v1/tenants/tenant_none/streams").await.refused(404, "not_found", None);
}
