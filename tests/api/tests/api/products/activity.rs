//! `GET /v1/products/{product_id}/activity`

use slipway_test_support::{Value, World, json, text};

use crate::assertions::{each, has_members};
use crate::audit::MEMBERS;

const PATH: &str = "/v1/products/prod_app/activity";

/// Two products with a release each, and a policy for the first one at a tenant.
async fn world() -> World {
    let world = World::start().await;
    for id in ["prod_app", "prod_other"] {
        world.product(id).await;
        world.draft(id, "1.0.0").await;
    }
    world.tenant("tenant_acme", json!(["prod_app"])).await;
    let policy = json!({ "mode": "NOTIFY_ONLY" });
    world.put("/v1/tenants/tenant_acme/policies/prod_app", policy).await.expect(200);
    world
}

fn types(page: &Value) -> Vec<&str> {
    each(&page["events"], "event_type")
}

#[tokio::test]
async fn it_has_what_was_done_to_the_product_and_its_releases_newest_first() {
    let world = world().await;
    let page = world.get(PATH).await.expect(200);
    assert_eq!(types(&page), ["policy.updated", "release.drafted", "product.created"]);
    for event in page["events"].as_array().unwrap() {
        has_members(event, MEMBERS);
        assert_eq!(event["product_id"], "prod_app");
    }
    let first = world.get(&format!("{PATH}?limit=1")).await.expect(200);
    let rest = format!("{PATH}?limit=5&cursor={}", text(&first, "next_cursor"));
    let rest = world.get(&rest).await.expect(200);
    assert_eq!(types(&rest), ["release.drafted", "product.created"]);
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_vendors_token_sees_that_of_its_products_and_nothing_of_a_tenant() {
    let world = world().await;
    let wanted = json!({ "scopes": ["releases:read"], "product_ids": ["prod_app"] });
    let secret = world.secret(wanted).await;
    let page = world.get_as(&secret, PATH).await.expect(200);
    assert_eq!(types(&page), ["release.drafted", "product.created"]);
    let other = world.get_as(&secret, "/v1/products/prod_other/activity").await;
    other.refused(404, "not_found", None);
}

#[tokio::test]
async fn policies_are_told_to_whoever_may_read_them() {
    let world = world().await;
    world.put("/v1/products/prod_app/policy", json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
    for (scopes, policies) in [
        (json!(["releases:read"]), 0),
        (json!(["releases:read", "admin:read"]), 2),
        (json!(["releases:read", "audit:read"]), 2),
    ] {
        let secret = world.secret(json!({ "scopes": scopes })).await;
        let page = world.get_as(&secret, PATH).await.expect(200);
        let told = types(&page).into_iter().filter(|kind| *kind == "policy.updated").count();
        assert_eq!(told, policies, "{scopes}");
    }
}

#[tokio::test]
async fn a_customer_is_told_nothing_of_it() {
    let world = world().await;
    let wanted = json!({ "scopes": ["releases:read"], "tenant_id": "tenant_acme" });
    let secret = world.secret(wanted).await;
    world.get_as(&secret, PATH).await.refused(403, "forbidden", None);
    let hidden = world.get_as(&secret, "/v1/products/prod_other/activity").await;
    hidden.refused(404, "not_found", None);
}
