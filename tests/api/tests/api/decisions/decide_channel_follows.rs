//! `POST /v1/decision`: channels that follow others

use slipway_test_support::{Value, World, json, release_path};

use super::{ask, decide};
use crate::policies;

/// `prod_app`, whose channel `beta` follows `stable`.
async fn with_follows() -> World {
    let world = policies::world().await;
    follow(&world, json!({ "beta": ["stable"] })).await;
    world
}

async fn follow(world: &World, follows: Value) {
    let patch = json!({ "channel_follows": follows });
    world.patch("/v1/products/prod_app", patch).await.expect(200);
}

/// What a client on `beta` at `version` gets: a version, or the reason why none.
async fn offered(world: &World, version: &str) -> String {
    offered_to(world, json!({ "channel": "beta", "current_version": version })).await
}

async fn offered_to(world: &World, client: Value) -> String {
    let decision = ask(world, client).await;
    let offer = decision["version"].as_str().or(decision["reason"].as_str());
    offer.unwrap().to_owned()
}

#[tokio::test]
async fn a_client_is_offered_the_highest_version_of_its_channel_and_of_those_that_it_follows() {
    let world = with_follows().await;
    assert_eq!(offered(&world, "1.0.0").await, "no_release");
    world.release("prod_app", "1.1.0").await;
    let decision = ask(&world, json!({ "channel": "beta" })).await;
    assert_eq!((&decision["version"], &decision["channel"]), (&json!("1.1.0"), &json!("beta")));
    world.publish("prod_app", "1.2.0-rc.1", "beta").await;
    assert_eq!(offered(&world, "1.0.0").await, "1.2.0-rc.1");
    assert_eq!(offered_to(&world, json!({})).await, "1.1.0");
    world.release("prod_app", "1.2.0").await;
    assert_eq!(offered(&world, "1.2.0-rc.1").await, "1.2.0");
    assert_eq!(offered(&world, "1.2.0").await, "up_to_date");
    // Off again: what is newer on stable is none of its business.
    follow(&world, json!({})).await;
    assert_eq!(offered(&world, "1.0.0").await, "1.2.0-rc.1");
    world.stack.stop().await;
}

#[tokio::test]
async fn of_equal_versions_the_own_channel_s_is_offered_then_that_of_the_first_by_name() {
    let world = with_follows().await;
    follow(&world, json!({ "beta": ["stable", "internal"] })).await;
    let stable = world.release("prod_app", "1.1.0").await;
    let internal = world.publish("prod_app", "1.1.0", "internal").await;
    let beta = world.publish("prod_app", "1.1.0", "beta").await;
    let id = async || ask(&world, json!({ "channel": "beta" })).await["release_id"].clone();
    for release in [&beta, &internal, &stable] {
        assert_eq!(id().await, release["release_id"]);
        world.revoke(release).await;
    }
    assert_eq!(id().await, json!(null));
    world.stack.stop().await;
}

#[tokio::test]
async fn following_is_not_transitive() {
    let world = with_follows().await;
    follow(&world, json!({ "internal": ["beta"], "beta": ["stable"], "stable": ["beta"] })).await;
    world.release("prod_app", "1.2.0").await;
    world.publish("prod_app", "1.1.0", "beta").await;
    for (channel, expected) in [("internal", "1.1.0"), ("beta", "1.2.0"), ("stable", "1.2.0")] {
        assert_eq!(offered_to(&world, json!({ "channel": channel })).await, expected, "{channel}");
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn a_rollout_on_a_followed_channel_holds_and_older_releases_are_found_on_both() {
    let world = with_follows().await;
    world.publish("prod_app", "1.1.0", "beta").await;
    for minor in 2..8 {
        world.release("prod_app", &format!("1.{minor}.0")).await;
    }
    let newest = world.release("prod_app", "1.8.0").await;
    let set = async |rollout: Value| {
        world.put(&release_path(&newest, "/rollout"), rollout).await.expect(200);
    };
    set(json!({ "basis_points": 0 })).await;
    assert_eq!(offered(&world, "1.0.0").await, "1.7.0");
    assert_eq!(offered(&world, "1.7.0").await, "held_back");
    set(json!({ "basis_points": 10_000 })).await;
    assert_eq!(offered(&world, "1.0.0").await, "1.8.0");
    set(json!({ "paused": true })).await;
    assert_eq!(offered(&world, "1.0.0").await, "1.7.0");
    let block = |range: &str| json!({ "blocked_versions": [range] });
    for (range, expected) in
        [(">=1.5.0", "1.4.0"), (">=1.2.0, <2.0.0", "1.1.0"), ("*", "current_version_revoked")]
    {
        world.put("/v1/policy", block(range)).await.expect(200);
        assert_eq!(offered(&world, "1.0.0").await, expected, "{range}");
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn pins_and_blocks_hold_on_followed_channels() {
    let world = with_follows().await;
    world.publish("prod_app", "1.1.0", "beta").await;
    world.release("prod_app", "1.2.0").await;
    world.release("prod_app", "2.0.0").await;
    for (policy, expected) in [
        (json!({}), "2.0.0"),
        (json!({ "pinned_range": "^1" }), "1.2.0"),
        (json!({ "pinned_range": "~1.1" }), "1.1.0"),
        (json!({ "blocked_versions": ["2.0.0", "1.2.0"] }), "1.1.0"),
        (json!({ "pinned_range": "^3" }), "blocked_by_policy"),
    ] {
        world.put("/v1/products/prod_app/policy", policy.clone()).await.expect(200);
        assert_eq!(offered(&world, "1.0.0").await, expected, "{policy}");
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn nobody_skips_a_required_release_of_a_followed_channel() {
    let world = with_follows().await;
    let require = async |version: &str, channel: &str| {
        let artifact = world.external(1).await;
        let mut body = World::release_of("prod_app", version, channel, &artifact);
        body["required"] = json!(true);
        world.post("/v1/releases", body).await.expect(201)
    };
    world.publish("prod_app", "1.5.0", "beta").await;
    let stone = require("1.2.0", "stable").await;
    require("1.3.0", "beta").await;
    world.release("prod_app", "1.4.0").await;
    for (current, expected) in [("1.0.0", "1.2.0"), ("1.2.0", "1.3.0"), ("1.3.0", "1.5.0")] {
        assert_eq!(offered(&world, current).await, expected, "{current}");
    }
    assert_eq!(offered_to(&world, json!({ "current_version": "1.2.0" })).await, "1.4.0");
    // It holds what it holds back on every channel, but not its own version on another one.
    let pause = json!({ "paused": true });
    world.put(&release_path(&stone, "/rollout"), pause).await.expect(200);
    assert_eq!(offered(&world, "1.0.0").await, "held_back");
    world.publish("prod_app", "1.1.0", "beta").await;
    assert_eq!(offered(&world, "1.0.0").await, "1.1.0");
    world.publish("prod_app", "1.2.0", "beta").await;
    assert_eq!(offered(&world, "1.0.0").await, "1.2.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_version_is_revoked_where_it_is_so_on_one_of_the_channels_and_live_on_none() {
    let world = with_follows().await;
    world.put("/v1/policy", json!({ "allow_downgrade": true })).await.expect(200);
    world.publish("prod_app", "1.0.0", "beta").await;
    world.release("prod_app", "1.1.0").await;
    let stable = world.release("prod_app", "1.2.0").await;
    let beta = world.publish("prod_app", "1.2.0", "beta").await;
    world.revoke(&beta).await;
    assert_eq!(offered(&world, "1.0.0").await, "1.2.0");
    assert_eq!(offered(&world, "1.2.0").await, "up_to_date");
    world.revoke(&stable).await;
    assert_eq!(offered(&world, "1.0.0").await, "1.1.0");
    let decision = ask(&world, json!({ "channel": "beta", "current_version": "1.2.0" })).await;
    assert_eq!(decision["reason"], "downgrade_available");
    // To the highest of both channels.
    assert_eq!(decision["version"], "1.1.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_policy_sends_clients_to_a_channel_with_nothing_live_where_it_follows_one_that_has_some()
{
    let world = policies::world().await;
    world.put("/v1/products/prod_app/policy", json!({ "channel": "beta" })).await.expect(200);
    let stable = world.release("prod_app", "1.1.0").await;
    let channel = async || {
        let decision = ask(&world, json!({ "channel": "internal" })).await;
        (decision["channel"].clone(), decision["reason"].clone())
    };
    assert_eq!(channel().await, (json!("internal"), json!("no_release")));
    follow(&world, json!({ "beta": ["stable"] })).await;
    assert_eq!(channel().await, (json!("beta"), json!("update_available")));
    world.revoke(&stable).await;
    assert_eq!(channel().await, (json!("internal"), json!("no_release")));
    world.stack.stop().await;
}

#[tokio::test]
async fn products_of_one_request_follow_channels_of_their_own() {
    let world = World::start().await;
    let mut products = Vec::new();
    for n in 0..30 {
        let id = format!("prod_{n}");
        let followed = ["stable", "internal"][n % 2];
        let product =
            json!({ "product_id": id, "name": id, "channel_follows": { "beta": [followed] } });
        world.post("/v1/products", product).await.expect(201);
        world.release(&id, "1.1.0").await;
        world.publish(&id, "1.2.0", "internal").await;
        products.push(json!({ "product_id": id, "current_version": "1.0.0", "channel": "beta" }));
    }
    let answer = decide(&world, json!({ "products": products })).await;
    let expected: Vec<&str> = (0..30).map(|n| ["1.1.0", "1.2.0"][n % 2]).collect();
    assert_eq!(crate::assertions::each(&answer["decisions"], "version"), expected);
    world.stack.stop().await;
}
