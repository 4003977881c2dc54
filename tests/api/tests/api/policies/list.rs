//! `GET /v1/tenants/{tenant_id}/policies`

use slipway_test_support::{Value, World, json};

use super::world;

const PATH: &str = "/v1/tenants/tenant_acme/policies";

/// The policies of [`super::world`]'s tenant, of two of its products, and of others.
async fn with_policies() -> World {
    let world = world().await;
    world.product("prod_b").await;
    world.tenant("tenant_other", json!("*")).await;
    for path in [
        "/v1/policy",
        "/v1/products/prod_app/policy",
        "/v1/tenants/tenant_other/policy",
        "/v1/tenants/tenant_other/policies/prod_app",
        "/v1/tenants/tenant_acme/policy",
        "/v1/tenants/tenant_acme/policies/prod_app",
        "/v1/tenants/tenant_acme/policies/prod_b",
    ] {
        world.put(path, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
    }
    world
}

#[tokio::test]
async fn a_tenant_s_own_policies_are_listed_and_no_others() {
    let world = with_policies().await;
    let page = world.get(PATH).await.expect(200);
    let found = page["policies"].as_array().unwrap();
    let expected = [
        world.get("/v1/tenants/tenant_acme/policies/prod_b").await.expect(200),
        world.get("/v1/tenants/tenant_acme/policies/prod_app").await.expect(200),
        world.get("/v1/tenants/tenant_acme/policy").await.expect(200),
    ];
    assert_eq!((found.as_slice(), &page["next_cursor"]), (&expected[..], &Value::Null));
    world.get("/v1/tenants/tenant_none/policies").await.refused(404, "not_found", None);
}

#[tokio::test]
async fn a_page_goes_on_where_the_one_before_ended() {
    let world = with_policies().await;
    let all = world.get(PATH).await.expect(200)["policies"].clone();
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for limit in [1, 2] {
        let page = world.get(&format!("{PATH}?limit={limit}{cursor}")).await.expect(200);
        found.extend(page["policies"].as_array().unwrap().clone());
        cursor =
            page["next_cursor"].as_str().map_or(String::new(), |next| format!("&cursor={next}"));
    }
    assert_eq!((json!(found), cursor.as_str()), (all, ""));
}
