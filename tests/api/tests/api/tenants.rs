//! `/v1/tenants`

use slipway_test_support::{Value, World, json};

use crate::assertions::{created, each, has_members, text};

pub const OPS: &[&str] = &["tenant-create", "tenant-list", "tenant-get", "tenant-update"];

const MEMBERS: &[&str] =
    &["tenant_id", "name", "products", "suspended", "created_at", "updated_at"];

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

#[tokio::test]
async fn tenants_are_listed_newest_first() {
    let world = World::start().await;
    for id in ["tenant_one", "tenant_two"] {
        world
            .post("/v1/tenants", json!({ "tenant_id": id, "name": id, "products": "*" }))
            .await
            .expect(201);
    }
    let list = world.get("/v1/tenants").await.expect(200);
    has_members(&list, &["tenants", "next_cursor"]);
    assert_eq!(each(&list["tenants"], "tenant_id"), ["tenant_two", "tenant_one"]);
    assert_eq!(list["next_cursor"], Value::Null);
}

#[tokio::test]
async fn entitlements_are_a_star_or_up_to_a_thousand_ids() {
    let world = World::start().await;
    let ids = |count: usize| (0..count).map(|n| format!("prod_{n}")).collect::<Vec<_>>();
    for (products, field) in [
        (json!("all"), "products"),
        (json!(["nonsense"]), "products"),
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
