//! `PATCH /v1/tenants/{tenant_id}`

use slipway_test_support::{World, json};

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::start().await;
    let before = world
        .post("/v1/tenants", json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": "*" }))
        .await
        .expect(201);
    let after =
        world.patch("/v1/tenants/tenant_acme", json!({ "suspended": true })).await.expect(200);
    assert_eq!(after["suspended"], true);
    for same in ["tenant_id", "name", "products", "created_at"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(world.get("/v1/tenants/tenant_acme").await.expect(200), after);
    world.get("/v1/tenants/tenant_none").await.refused(404, "not_found", None);
    world.patch("/v1/tenants/tenant_none", json!({})).await.refused(404, "not_found", None);
}
