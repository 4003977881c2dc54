//! Rights that are taken away are gone within a minute, also where something is remembered:
//! decision record 0061 lists all that is.

use jiff::{SignedDuration, Timestamp};
use slipway_test_support::{Options, TestClock, Value, World, json, text};

use crate::principals::get_operator::{claims, world as operators};

/// A stack whose functions remember as long as those of a deployment do.
async fn remembering(clock: &TestClock) -> World {
    World::with(Options { clock: clock.clock(), ..Options::ephemeral() }).await
}

/// What a client of `tenant_acme` is told.
async fn reason(world: &World) -> String {
    let client =
        json!({ "product_id": "prod_app", "current_version": "0.1.0", "tenant_id": "tenant_acme" });
    let told = world.post("/v1/decision", json!({ "products": [client] })).await.expect(200);
    text(&told["decisions"][0], "reason").to_owned()
}

#[tokio::test]
async fn decisions_know_within_five_seconds_that_a_tenant_is_suspended_or_has_lost_a_product() {
    let clock = TestClock::default();
    let world = remembering(&clock).await;
    world.product("prod_app").await;
    world.release("prod_app", "1.0.0").await;
    world.tenant("tenant_acme", json!(["prod_app"])).await;
    for (taken, given, after) in [
        (json!({ "suspended": true }), json!({ "suspended": false }), "unknown_tenant"),
        (json!({ "products": [] }), json!({ "products": ["prod_app"] }), "not_entitled"),
    ] {
        assert_eq!(reason(&world).await, "update_available");
        world.patch("/v1/tenants/tenant_acme", taken).await.expect(200);
        clock.advance(SignedDuration::from_secs(5));
        assert_eq!(reason(&world).await, after);
        world.patch("/v1/tenants/tenant_acme", given).await.expect(200);
        clock.advance(SignedDuration::from_secs(5));
    }
}

#[tokio::test]
async fn a_token_that_is_revoked_or_whose_tenant_is_suspended_is_refused_at_once() {
    let world = remembering(&TestClock::default()).await;
    world.product("prod_app").await;
    world.tenant("tenant_acme", json!(["prod_app"])).await;
    let (id, ours) = world.token(&["releases:read"]).await;
    let theirs = json!({ "scopes": ["releases:read"], "tenant_id": "tenant_acme" });
    let theirs = world.secret(theirs).await;
    let page = "/v1/products?limit=1";
    for secret in [&ours, &theirs] {
        world.get_as(secret, page).await.expect(200);
    }
    world.delete(&format!("/v1/tokens/{id}")).await.expect(204);
    world.patch("/v1/tenants/tenant_acme", json!({ "suspended": true })).await.expect(200);
    world.get_as(&ours, page).await.refused(401, "unauthenticated", None);
    world.get_as(&theirs, page).await.refused(403, "forbidden", None);
}

#[tokio::test]
async fn a_role_is_as_the_jwt_has_it_and_ends_with_the_jwt() {
    let clock = TestClock::default();
    let (world, issuer) = operators(&clock).await;
    let end = Timestamp::now().as_second() + 300;
    let with =
        |roles: Value| issuer.token("a", &claims(&issuer, &json!({ "roles": roles, "exp": end })));
    let (admin, support) = (with(json!(["platform_admin"])), with(json!(["platform_support"])));
    let create = json!({ "name": "ci", "scopes": ["releases:read"] });
    world.post_as(&admin, "/v1/tokens", create.clone()).await.expect(201);
    // The next JWT of the same operator has no such role: nothing of the last one is remembered.
    world.post_as(&support, "/v1/tokens", create.clone()).await.refused(403, "forbidden", None);
    clock.advance(SignedDuration::from_secs(300 + 60 + 1));
    world.post_as(&admin, "/v1/tokens", create).await.refused(401, "jwt_expired", None);
}
