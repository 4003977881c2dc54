//! `GET /v1/me`

use jiff::{SignedDuration, Timestamp};
use slipway_test_support::{World, json};

use crate::assertions::has_members;

const MEMBERS: &[&str] =
    &["actor", "name", "scopes", "tenant_id", "product_ids", "channels", "expires_at"];

#[tokio::test]
async fn a_token_learns_its_name_scopes_bindings_and_end() {
    let world = World::start().await;
    world.product("prod_app").await;
    let end = Timestamp::now() + SignedDuration::from_hours(1);
    let wanted = json!({
        "name": "build of app",
        "scopes": ["ci:write", "releases:read"],
        "product_ids": ["prod_app"],
        "channels": ["beta"],
        "expires_at": end.to_string(),
    });
    let token = world.post("/v1/tokens", wanted.clone()).await.expect(201);
    let answer = world.get_as(token["secret"].as_str().unwrap(), "/v1/me").await;
    let me = answer.expect(200);
    has_members(&me, MEMBERS);
    assert_eq!((&me["actor"], &me["tenant_id"]), (&token["token_id"], &json!(null)));
    for member in ["name", "scopes", "product_ids", "channels"] {
        assert_eq!(me[member], wanted[member], "{member}");
    }
    assert_eq!(me["expires_at"], token["expires_at"]);
    assert!(!me.to_string().contains("slp_"));
}

#[tokio::test]
async fn a_credential_without_a_useful_scope_may_ask_too_and_the_bootstrap_key_has_all() {
    let world = World::start().await;
    let secret = world.secret(json!({ "scopes": ["audit:read"] })).await;
    let me = world.get_as(&secret, "/v1/me").await.expect(200);
    assert_eq!((&me["scopes"], &me["product_ids"]), (&json!(["audit:read"]), &json!(null)));
    let me = world.get("/v1/me").await.expect(200);
    assert_eq!((&me["actor"], &me["name"]), (&json!("bootstrap"), &json!(null)));
    assert!(me["scopes"].as_array().unwrap().len() > 5);
}

#[tokio::test]
async fn a_customer_is_told_what_its_tenant_may_have_now() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.product("prod_other").await;
    let tenant = json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": ["prod_app"] });
    world.post("/v1/tenants", tenant).await.expect(201);
    let secret =
        world.secret(json!({ "scopes": ["mirrors:read"], "tenant_id": "tenant_acme" })).await;
    let me = world.get_as(&secret, "/v1/me").await.expect(200);
    assert_eq!(
        (&me["tenant_id"], &me["product_ids"]),
        (&json!("tenant_acme"), &json!(["prod_app"]))
    );
    let suspended = json!({ "suspended": true });
    world.patch("/v1/tenants/tenant_acme", suspended).await.expect(200);
    world.get_as(&secret, "/v1/me").await.refused(403, "forbidden", None);
}
