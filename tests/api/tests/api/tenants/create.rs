//! `POST /v1/tenants`

use slipway_test_support::{World, json, text};

use super::MEMBERS;
use crate::assertions::{created, has_members};

#[tokio::test]
async fn a_tenant_is_created_as_asked_and_found_at_its_place() {
    let world = World::start().await;
    let body =
        json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": ["prod_b", "prod_a"] });
    let tenant = created(world.post("/v1/tenants", body).await, "/v1/tenants", "tenant_id");
    has_members(&tenant, MEMBERS);
    assert_eq!(
        (&tenant["products"], &tenant["suspended"]),
        (&json!(["prod_a", "prod_b"]), &json!(false))
    );
    assert_eq!(world.get("/v1/tenants/tenant_acme").await.expect(200), tenant);
    let other = world.post("/v1/tenants", json!({ "name": "Other", "products": "*" })).await;
    let other = created(other, "/v1/tenants", "tenant_id");
    assert_eq!((text(&other, "tenant_id").len(), &other["products"]), (39, &json!("*")));
}

#[tokio::test]
async fn an_id_belongs_to_one_tenant() {
    let world = World::start().await;
    let body = json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": "*" });
    let first = world.post("/v1/tenants", body).await.expect(201);
    let again = world
        .post("/v1/tenants", json!({ "tenant_id": "tenant_acme", "name": "Other", "products": [] }))
        .await;
    again.refused(409, "tenant_exists", Some("tenant_id"));
    assert_eq!(world.get("/v1/tenants/tenant_acme").await.expect(200), first);
}

#[tokio::test]
async fn entitlements_are_a_star_or_up_to_a_thousand_ids() {
    let world = World::start().await;
    let ids = |count: usize| (0..count).map(|n| format!("prod_{n}")).collect::<Vec<_>>();
    for (products, field) in [
        (json!("all"), "products"),
        (json!(["nonsense"]), "products[0]"),
        (json!(ids(1001)), "products"),
    ] {
        let body = json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": products });
        world.post("/v1/tenants", body).await.refused(400, "invalid_field", Some(field));
    }
    world.get("/v1/tenants/tenant_acme").await.refused(404, "not_found", None);
    let most = json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": ids(1000) });
    let tenant = world.post("/v1/tenants", most).await.expect(201);
    let patch = json!({ "products": ids(1001) });
    world.patch("/v1/tenants/tenant_acme", patch).await.refused(
        400,
        "invalid_field",
        Some("products"),
    );
    assert_eq!(world.get("/v1/tenants/tenant_acme").await.expect(200), tenant);
}
