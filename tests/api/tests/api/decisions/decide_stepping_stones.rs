//! `POST /v1/decision`: required releases, which nobody skips, and versions that clients must have
//! before

use slipway_test_support::{Value, World, json, release_path};

use super::{ask, with_product};

/// Publishes a version of `prod_app` for Windows, with `members` besides.
async fn publish(world: &World, version: &str, members: Value) -> Value {
    let mut body = World::release_of("prod_app", version, "stable", &world.external(1).await);
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    world.post("/v1/releases", body).await.expect(201)
}

async fn require(world: &World, version: &str) -> Value {
    publish(world, version, json!({ "required": true })).await
}

/// What a client at `version` gets: a version, or the reason why none.
async fn offered(world: &World, version: &str) -> String {
    let decision = ask(world, json!({ "current_version": version })).await;
    let offer = decision["version"].as_str().or(decision["reason"].as_str());
    offer.unwrap().to_owned()
}

#[tokio::test]
async fn a_required_release_comes_before_anything_newer() {
    let world = with_product().await;
    publish(&world, "1.1.0", json!({})).await;
    require(&world, "1.2.0").await;
    publish(&world, "1.3.0", json!({})).await;
    require(&world, "1.4.0").await;
    publish(&world, "1.5.0", json!({})).await;
    for (current, expected) in [
        ("1.0.0", "1.2.0"),
        ("1.1.0", "1.2.0"),
        ("1.2.0-rc.1", "1.2.0"),
        ("1.2.0", "1.4.0"),
        ("1.3.0", "1.4.0"),
        ("1.4.0", "1.5.0"),
        ("1.5.0", "up_to_date"),
    ] {
        assert_eq!(offered(&world, current).await, expected, "{current}");
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn each_of_more_required_releases_than_a_head_lists_is_a_step() {
    let world = with_product().await;
    for minor in 1..=30 {
        require(&world, &format!("1.{minor}.0")).await;
        publish(&world, &format!("1.{minor}.1"), json!({})).await;
        world.draft("prod_app", &format!("1.{minor}.2")).await;
    }
    let mut current = "1.0.0".to_owned();
    for minor in 1..=30 {
        current = offered(&world, &current).await;
        assert_eq!(current, format!("1.{minor}.0"));
        let patched = format!("1.{minor}.1");
        let next = if minor == 30 { "up_to_date".to_owned() } else { format!("1.{}.0", minor + 1) };
        assert_eq!(offered(&world, &patched).await, next);
    }
    assert_eq!(offered(&world, &current).await, "1.30.1");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_required_release_that_can_t_be_had_holds_clients_below_it_and_says_why() {
    let world = with_product().await;
    publish(&world, "1.1.0", json!({})).await;
    let stone = publish(
        &world,
        "1.2.0",
        json!({ "required": true, "metadata": { "min_os_version": "11" }, "min_current_version": "1.0.0" }),
    )
    .await;
    for minor in 3..9 {
        require(&world, &format!("1.{minor}.0")).await;
    }
    assert_eq!(offered(&world, "0.9.0").await, "1.1.0");
    let old = |version: &str| json!({ "current_version": version, "os_version": "10" });
    assert_eq!(ask(&world, old("1.0.0")).await["version"], "1.1.0");
    assert_eq!(ask(&world, old("1.1.0")).await["reason"], "os_too_old");
    let paused = json!({ "basis_points": 10_000, "paused": true });
    world.put(&release_path(&stone, "/rollout"), paused).await.expect(200);
    assert_eq!(offered(&world, "1.0.0").await, "1.1.0");
    assert_eq!(offered(&world, "1.1.0").await, "held_back");
    world.revoke(&stone).await;
    assert_eq!(offered(&world, "1.1.0").await, "1.3.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_required_release_is_none_for_machines_that_it_never_ran_on() {
    let world = with_product().await;
    require(&world, "1.1.0").await;
    for minor in 2..8 {
        let mut body = World::release_of(
            "prod_app",
            &format!("1.{minor}.0"),
            "stable",
            &world.external(1).await,
        );
        body["artifacts"][0]["platform"] = json!("linux");
        body["required"] = json!(minor != 7);
        world.post("/v1/releases", body).await.expect(201);
    }
    let linux = ask(&world, json!({ "platform": "linux" })).await;
    assert_eq!(linux["version"], "1.2.0");
    publish(&world, "1.9.0", json!({})).await;
    for (current, expected) in [("1.0.0", "1.1.0"), ("1.1.0", "1.9.0"), ("1.4.0", "1.9.0")] {
        let client = json!({ "platform": "windows", "current_version": current });
        assert_eq!(ask(&world, client).await["version"], expected, "{current}");
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn a_release_becomes_required_after_it_was_published_and_is_no_longer() {
    let world = with_product().await;
    let mut releases = Vec::new();
    for minor in 1..9 {
        releases.push(publish(&world, &format!("1.{minor}.0"), json!({})).await);
    }
    let patch = async |minor: usize, required: bool| {
        let path = release_path(&releases[minor - 1], "");
        world.patch(&path, json!({ "required": required })).await.expect(200);
    };
    assert_eq!(offered(&world, "1.0.0").await, "1.8.0");
    for minor in [7, 2, 4, 6, 3] {
        patch(minor, true).await;
    }
    assert_eq!(offered(&world, "1.0.0").await, "1.2.0");
    patch(2, false).await;
    assert_eq!(offered(&world, "1.0.0").await, "1.3.0");
    for minor in [3, 4, 6] {
        patch(minor, false).await;
    }
    assert_eq!(offered(&world, "1.0.0").await, "1.7.0");
    patch(7, false).await;
    assert_eq!(offered(&world, "1.0.0").await, "1.8.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_client_below_the_minimum_gets_the_best_release_that_follows_its_version() {
    let world = with_product().await;
    publish(&world, "1.4.0", json!({})).await;
    publish(&world, "2.0.0", json!({ "min_current_version": "1.4.0" })).await;
    publish(&world, "3.0.0", json!({ "min_current_version": "2.0.0-rc.1" })).await;
    for (current, expected) in [
        ("1.0.0", "1.4.0"),
        ("1.4.0-rc.1", "1.4.0"),
        ("1.4.0", "2.0.0"),
        ("1.9.0", "2.0.0"),
        ("2.0.0-rc.1", "3.0.0"),
        ("2.0.0", "3.0.0"),
    ] {
        assert_eq!(offered(&world, current).await, expected, "{current}");
    }
    publish(&world, "4.0.0", json!({ "min_current_version": "3.0.1" })).await;
    let stuck = ask(&world, json!({ "current_version": "3.0.0" })).await;
    assert_eq!(stuck["action"], "NONE");
    assert_eq!(stuck["reason"], "current_version_too_old");
    world.stack.stop().await;
}

#[tokio::test]
async fn each_channel_has_its_own_required_releases() {
    let world = with_product().await;
    let stone = require(&world, "1.1.0").await;
    publish(&world, "1.2.0", json!({})).await;
    world.publish("prod_app", "1.2.0", "beta").await;
    let beta = json!({ "channel": "beta" });
    assert_eq!(ask(&world, beta.clone()).await["version"], "1.2.0");
    let promote = json!({ "channel": "beta" });
    world.post(&release_path(&stone, "/promote"), promote).await.expect(201);
    assert_eq!(ask(&world, beta).await["version"], "1.1.0");
    world.stack.stop().await;
}
