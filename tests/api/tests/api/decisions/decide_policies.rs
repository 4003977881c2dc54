//! What policies do to decisions, rule by rule.

use slipway_test_support::{Options, TestClock, Value, World, json};

use super::ask;
use crate::policies::world;

const PRODUCT: &str = "/v1/products/prod_app/policy";

async fn with_releases(versions: &[&str]) -> World {
    let world = world().await;
    for version in versions {
        world.release("prod_app", version).await;
    }
    world
}

/// Action, reason, mode and version of a decision.
fn gist(decision: &Value) -> [&Value; 4] {
    ["action", "reason", "mode", "version"].map(|member| &decision[member])
}

#[tokio::test]
async fn a_mode_is_what_a_client_does_and_a_release_that_it_deploys_is_named() {
    let world = with_releases(&["1.1.0"]).await;
    for (mode, action, reason) in [
        ("AUTO_INSTALL", "INSTALL", "update_available"),
        ("DOWNLOAD_ONLY", "DOWNLOAD", "update_available"),
        ("NOTIFY_ONLY", "NOTIFY", "update_available"),
        ("MANAGED_BY_IT", "NONE", "managed_by_it"),
    ] {
        world.put(PRODUCT, json!({ "mode": mode })).await.expect(200);
        let decision = ask(&world, json!({})).await;
        assert_eq!(gist(&decision), [action, reason, mode, "1.1.0"]);
        assert_eq!(decision["artifacts"].as_array().unwrap().len(), 1, "{mode}");
        let current = ask(&world, json!({ "current_version": "1.1.0" })).await;
        assert_eq!(gist(&current)[..3], [&json!("NONE"), &json!("up_to_date"), &json!(mode)]);
    }
}

#[tokio::test]
async fn nothing_outside_of_the_pinned_range_is_offered() {
    let world = with_releases(&["1.1.0", "1.2.0", "2.0.0"]).await;
    for (range, expected) in [
        ("1", json!("1.2.0")),
        ("<1.2.0", json!("1.1.0")),
        ("=2.0.0", json!("2.0.0")),
        (">=3", json!(null)),
        ("<1.0.0", json!(null)),
    ] {
        world.put(PRODUCT, json!({ "pinned_range": range })).await.expect(200);
        let decision = ask(&world, json!({})).await;
        assert_eq!(decision["version"], expected, "{range}");
        if expected.is_null() {
            assert_eq!(gist(&decision)[..2], ["NONE", "blocked_by_policy"], "{range}");
        }
    }
}

#[tokio::test]
async fn nothing_that_is_blocked_is_offered_until_it_is_no_longer() {
    let world = with_releases(&["1.1.0", "1.2.0"]).await;
    let block = async |blocked: Value| {
        world.put(PRODUCT, json!({ "blocked_versions": blocked })).await.expect(200);
        ask(&world, json!({})).await
    };
    // Build metadata makes no other version.
    assert_eq!(block(json!(["1.2.0+win"])).await["version"], "1.1.0");
    let all = block(json!(["1.2.0", "1.1.0"])).await;
    assert_eq!(gist(&all)[..2], ["NONE", "blocked_by_policy"]);
    world.delete(PRODUCT).await.expect(204);
    assert_eq!(ask(&world, json!({})).await["version"], "1.2.0");
}

#[tokio::test]
async fn only_a_client_on_a_withdrawn_version_goes_down_and_only_where_policy_lets_it() {
    let world = with_releases(&["1.0.0", "1.1.0"]).await;
    let revoked = world.release("prod_app", "1.2.0").await;
    world.revoke(&revoked).await;
    let put = async |policy: Value| world.put(PRODUCT, policy).await.expect(200);
    let at = async |version: &str| ask(&world, json!({ "current_version": version })).await;
    put(json!({ "allow_downgrade": true })).await;
    let down = at("1.2.0").await;
    assert_eq!(gist(&down), ["INSTALL", "downgrade_available", "AUTO_INSTALL", "1.1.0"]);
    assert_eq!(at("1.3.0").await["reason"], "up_to_date", "ahead, and not withdrawn");
    put(json!({ "allow_downgrade": true, "blocked_versions": ["1.1.0"] })).await;
    assert_eq!(at("1.2.0").await["version"], "1.0.0");
    assert_eq!(gist(&at("1.1.0").await)[1..], ["downgrade_available", "AUTO_INSTALL", "1.0.0"]);
    for allowed in [json!(false), json!(null)] {
        put(json!({ "allow_downgrade": allowed, "blocked_versions": ["1.1.0"] })).await;
        for version in ["1.1.0", "1.2.0"] {
            let stays = at(version).await;
            assert_eq!(gist(&stays)[..2], ["NONE", "current_version_revoked"], "{version}");
        }
    }
    put(json!({ "allow_downgrade": true, "pinned_range": ">=1.2.0" })).await;
    assert_eq!(at("1.2.0").await["reason"], "current_version_revoked", "nothing below is allowed");
}

#[tokio::test]
async fn whether_a_tenant_may_have_the_product_is_decided_before_its_policies() {
    let world = with_releases(&["1.1.0"]).await;
    world.product("prod_b").await;
    world.tenant("tenant_b", json!(["prod_b"])).await;
    let suspended =
        json!({ "tenant_id": "tenant_late", "name": "Late", "products": "*", "suspended": true });
    world.post("/v1/tenants", suspended).await.expect(201);
    for tenant in ["tenant_b", "tenant_late"] {
        for path in [
            format!("/v1/tenants/{tenant}/policy"),
            format!("/v1/tenants/{tenant}/policies/prod_app"),
        ] {
            world
                .put(&path, json!({ "mode": "AUTO_INSTALL", "channel": "beta" }))
                .await
                .expect(200);
        }
    }
    for (tenant, reason) in [
        ("tenant_b", "not_entitled"),
        ("tenant_late", "unknown_tenant"),
        ("tenant_none", "unknown_tenant"),
    ] {
        let decision = ask(&world, json!({ "tenant_id": tenant })).await;
        assert_eq!(gist(&decision)[..2], ["NONE", reason], "{tenant}");
        assert_eq!(decision.get("version"), None, "{tenant}");
    }
}

#[tokio::test]
async fn a_policy_that_was_set_changed_or_deleted_counts_a_moment_later() {
    let test_clock = TestClock::default();
    let cached = Options {
        decision_cache: jiff::SignedDuration::from_mins(1),
        clock: test_clock.clock(),
        ..Options::ephemeral()
    };
    let world = World::with(cached).await;
    world.product("prod_app").await;
    world.release("prod_app", "1.1.0").await;
    let mut before = "INSTALL";
    for (policy, after) in [
        (Some(json!({ "mode": "NOTIFY_ONLY" })), "NOTIFY"),
        (Some(json!({ "mode": "DOWNLOAD_ONLY" })), "DOWNLOAD"),
        (None, "INSTALL"),
    ] {
        assert_eq!(ask(&world, json!({})).await["action"], before);
        match policy {
            Some(policy) => drop(world.put(PRODUCT, policy).await.expect(200)),
            None => drop(world.delete(PRODUCT).await.expect(204)),
        }
        assert_eq!(ask(&world, json!({})).await["action"], before, "from memory");
        test_clock.advance(jiff::SignedDuration::from_mins(1));
        assert_eq!(ask(&world, json!({})).await["action"], after);
        before = after;
    }
}
