//! The channel that a policy names.

use slipway_test_support::{Value, World, json};

use super::{ask, decide};
use crate::assertions::each;
use crate::policies::{LEVELS, world};

/// `prod_app` with the channel `nightly`, and a release on each of four channels.
async fn with_channels() -> World {
    let world = world().await;
    world.patch("/v1/products/prod_app", json!({ "channels": ["nightly"] })).await.expect(200);
    for (version, channel) in
        [("1.1.0", "stable"), ("1.2.0", "beta"), ("1.3.0", "internal"), ("1.4.0", "nightly")]
    {
        world.publish("prod_app", version, channel).await;
    }
    world
}

fn channel_and_version(decision: &Value) -> (&str, &str) {
    let text = |name: &str| decision[name].as_str().unwrap_or("none");
    (text("channel"), text("version"))
}

#[tokio::test]
async fn a_policy_s_channel_is_what_clients_get_whatever_they_name() {
    let world = with_channels().await;
    for level in LEVELS {
        world.put(level.path, json!({ "channel": "beta" })).await.expect(200);
        for asked in [json!(null), json!("stable"), json!("nightly"), json!("No Channel"), json!(7)]
        {
            let client = json!({ "tenant_id": "tenant_acme", "channel": asked });
            let decision = ask(&world, client).await;
            assert_eq!(channel_and_version(&decision), ("beta", "1.2.0"), "{level:?} {asked}");
        }
        world.delete(level.path).await.expect(204);
    }
    let client = json!({ "tenant_id": "tenant_acme", "channel": "nightly" });
    assert_eq!(channel_and_version(&ask(&world, client).await), ("nightly", "1.4.0"));
    let malformed = ask(&world, json!({ "channel": "No Channel" })).await;
    assert_eq!(malformed["reason"], "invalid_channel");
}

#[tokio::test]
async fn the_channel_is_that_of_the_first_level_that_has_one_of_the_product() {
    let world = with_channels().await;
    let [global, product, tenant, tenant_product] = LEVELS;
    let put = async |path: &str, channel: &str| {
        world.put(path, json!({ "channel": channel })).await.expect(200)
    };
    put(global.path, "beta").await;
    put(product.path, "internal").await;
    put(tenant.path, "stable").await;
    put(tenant_product.path, "nightly").await;
    let of_tenant =
        async || ask(&world, json!({ "tenant_id": "tenant_acme", "channel": "stable" })).await;
    assert_eq!(channel_and_version(&of_tenant().await), ("nightly", "1.4.0"));
    assert_eq!(channel_and_version(&ask(&world, json!({})).await), ("internal", "1.3.0"));
    world.delete(tenant_product.path).await.expect(204);
    assert_eq!(channel_and_version(&of_tenant().await), ("internal", "1.3.0"));
    world.delete(product.path).await.expect(204);
    assert_eq!(channel_and_version(&of_tenant().await), ("stable", "1.1.0"));
    // The product has no such channel: that of the deployment counts.
    put(tenant.path, "weekly").await;
    assert_eq!(channel_and_version(&of_tenant().await), ("beta", "1.2.0"));
    put(global.path, "weekly").await;
    assert_eq!(channel_and_version(&of_tenant().await), ("stable", "1.1.0"));
    assert_eq!(
        channel_and_version(&ask(&world, json!({ "channel": "nightly" })).await),
        ("nightly", "1.4.0")
    );
}

#[tokio::test]
async fn a_channel_with_nothing_live_is_skipped_and_the_rest_of_the_policy_is_not() {
    let world = world().await;
    world.release("prod_app", "1.1.0").await;
    world.patch("/v1/products/prod_app", json!({ "channels": ["nightly"] })).await.expect(200);
    let policy = json!({ "channel": "nightly", "mode": "NOTIFY_ONLY" });
    world.put("/v1/products/prod_app/policy", policy).await.expect(200);
    let draft = json!({ "product_id": "prod_app", "version": "1.2.0", "channel": "nightly" });
    world.post("/v1/releases", draft).await.expect(201);
    // Nobody is silenced by a channel on which nothing is, or by a draft there.
    let before = ask(&world, json!({})).await;
    assert_eq!(
        (channel_and_version(&before), &before["action"]),
        (("stable", "1.1.0"), &json!("NOTIFY"))
    );
    let nightly = world.publish("prod_app", "1.3.0", "nightly").await;
    assert_eq!(channel_and_version(&ask(&world, json!({})).await), ("nightly", "1.3.0"));
    world.revoke(&nightly).await;
    assert_eq!(channel_and_version(&ask(&world, json!({})).await), ("stable", "1.1.0"));
    world.patch("/v1/products/prod_app", json!({ "channels": [] })).await.expect(200);
    assert_eq!(channel_and_version(&ask(&world, json!({})).await), ("stable", "1.1.0"));
}

#[tokio::test]
async fn products_of_one_request_have_policies_of_their_own() {
    let world = with_channels().await;
    let mut products = Vec::new();
    for n in 0..30 {
        let product = format!("prod_{n}");
        world.product(&product).await;
        world.publish(&product, "2.0.0", if n % 2 == 0 { "beta" } else { "stable" }).await;
        if n % 2 == 0 {
            let path = format!("/v1/products/{product}/policy");
            world.put(&path, json!({ "channel": "beta", "mode": "NOTIFY_ONLY" })).await.expect(200);
        }
        products.push(json!({ "product_id": product, "current_version": "1.0.0" }));
    }
    let answer = decide(&world, json!({ "products": products })).await;
    let expected: Vec<&str> =
        (0..30).map(|n| if n % 2 == 0 { "NOTIFY" } else { "INSTALL" }).collect();
    assert_eq!(each(&answer["decisions"], "action"), expected);
}
