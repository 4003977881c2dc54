//! `GET /v1/tenants/{tenant_id}`

use slipway_test_support::{World, json};

use super::MEMBERS;
use crate::assertions::has_members;

#[tokio::test]
async fn a_tenant_is_read_as_it_was_created() {
    let world = World::start().await;
    let body = json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": ["prod_app"] });
    let created = world.post("/v1/tenants", body).await.expect(201);
    let tenant = world.get("/v1/tenants/tenant_acme").await.expect(200);
    has_members(&tenant, MEMBERS);
    assert_eq!(tenant, created);
}

#[tokio::test]
async fn an_unknown_tenant_is_404() {
    let world = World::start().await;
    world.get("/v1/tenants/tenant_unknown").await.refused(404, "not_found", None);
}
