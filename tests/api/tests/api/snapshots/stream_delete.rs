//! `DELETE /v1/tenants/{tenant_id}/streams/{stream}`

use slipway_test_support::{Value, World, json, text};

use super::world;

async fn generate_beta(world: &World) -> Value {
    let beta = json!({ "tenant_id": "tenant_acme", "channels": ["beta"], "force": true });
    world.generate_snapshot(beta).await
}

fn path(snapshot: &Value) -> String {
    format!("/v1/tenants/tenant_acme/streams/{}", text(snapshot, "stream"))
}

#[tokio::test]
async fn a_deleted_stream_answers_no_more_and_goes_on_counting_once_it_is_wanted_again() {
    let world = world().await;
    let all = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    let beta = generate_beta(&world).await;
    let latest = "/v1/snapshots/latest?tenant_id=tenant_acme&channels=beta";
    assert_eq!(world.get(latest).await.expect(200)["snapshot_id"], beta["snapshot_id"]);

    assert!(world.delete(&path(&beta)).await.expect(204).is_null());
    let rows = world.rows().await;
    assert!(world.delete(&path(&beta)).await.expect(204).is_null());
    assert_eq!(world.rows().await, rows);
    let streams = world.get("/v1/tenants/tenant_acme/streams").await.expect(200);
    assert_eq!(streams["streams"].as_array().unwrap().len(), 1);
    // What covers its channels answers in its place, and what is signed stays.
    assert_eq!(world.get(latest).await.expect(200)["snapshot_id"], all["snapshot_id"]);
    world.get(&format!("/v1/snapshots/{}", text(&beta, "snapshot_id"))).await.expect(200);

    let again = generate_beta(&world).await;
    assert_eq!((&again["stream"], &again["sequence"]), (&beta["stream"], &json!(2)));
    assert_eq!(world.get(latest).await.expect(200)["snapshot_id"], again["snapshot_id"]);
}

#[tokio::test]
async fn the_stream_of_all_channels_stays_and_others_have_to_exist() {
    let world = world().await;
    let all = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    world.delete(&path(&all)).await.refused(409, "stale_state", None);
    let none = format!("/v1/tenants/tenant_acme/streams/{}", "0".repeat(32));
    world.delete(&none).await.refused(404, "not_found", None);
    world.delete("/v1/tenants/tenant_acme/streams/beta").await.refused(
        400,
        "invalid_field",
        Some("stream"),
    );
}
