//! `GET /v1/tenants`

use slipway_test_support::{Value, World, json};

use crate::assertions::{each, has_members};

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
