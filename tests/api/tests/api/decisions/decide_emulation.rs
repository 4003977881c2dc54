//! `POST /v1/decision`: clients that run what is built for another processor

use slipway_test_support::{Value, World, json};

use super::ask;

/// A product that allows emulation.
async fn with_product() -> World {
    let world = World::start().await;
    let product = json!({ "product_id": "prod_app", "name": "App", "allow_emulation": true });
    world.post("/v1/products", product).await.expect(201);
    world
}

/// Publishes a version with an artifact for each of `targets`.
async fn publish(world: &World, version: &str, targets: &[(&str, &str)], members: Value) {
    let artifact = world.external(1).await;
    let mut body = World::release_of("prod_app", version, "stable", &artifact);
    let one = body["artifacts"][0].clone();
    let artifacts = targets.iter().map(|(platform, arch)| {
        let mut artifact = one.clone();
        artifact["platform"] = json!(platform);
        artifact["arch"] = json!(arch);
        artifact
    });
    body["artifacts"] = artifacts.collect();
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    world.post("/v1/releases", body).await.expect(201);
}

/// The version and architectures that a client is offered, or the reason why none.
async fn offered(world: &World, platform: &str, arch: &str) -> (String, Vec<String>) {
    let decision = ask(world, json!({ "platform": platform, "arch": arch })).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let Some(artifacts) = decision["artifacts"].as_array() else {
        return (text(&decision["reason"]), Vec::new());
    };
    let arches = artifacts.iter().map(|artifact| text(&artifact["arch"])).collect();
    (text(&decision["version"]), arches)
}

#[tokio::test]
async fn each_system_gets_what_it_emulates_and_only_where_the_product_allows_it() {
    let world = with_product().await;
    let targets =
        [("windows", "x86_64"), ("windows", "x86"), ("macos", "x86_64"), ("linux", "x86_64")];
    publish(&world, "1.1.0", &targets, json!({})).await;
    let native = ("1.1.0".to_owned(), vec!["x86_64".to_owned()]);
    let none = ("no_matching_artifact".to_owned(), Vec::new());
    for (platform, arch, expected) in [
        ("windows", "x86_64", &native),
        ("windows", "arm64", &native),
        ("macos", "arm64", &native),
        ("linux", "x86_64", &native),
        ("linux", "arm64", &none),
        ("windows", "armv7", &none),
        ("macos", "x86", &none),
        ("freebsd", "x86_64", &none),
    ] {
        assert_eq!(offered(&world, platform, arch).await, *expected, "{platform} {arch}");
    }
    let forbid = json!({ "allow_emulation": false });
    world.patch("/v1/products/prod_app", forbid).await.expect(200);
    assert_eq!(offered(&world, "macos", "arm64").await, none);
    assert_eq!(offered(&world, "windows", "x86_64").await, native);
    world.stack.stop().await;
}

#[tokio::test]
async fn the_native_artifact_is_preferred_and_the_newest_version_wins() {
    let world = with_product().await;
    let both = [("windows", "x86"), ("windows", "x86_64"), ("windows", "arm64")];
    publish(&world, "1.1.0", &both, json!({})).await;
    for arch in ["arm64", "x86_64", "x86"] {
        let expected = ("1.1.0".to_owned(), vec![arch.to_owned()]);
        assert_eq!(offered(&world, "windows", arch).await, expected, "{arch}");
    }
    publish(&world, "1.2.0", &[("windows", "x86")], json!({})).await;
    for arch in ["arm64", "x86_64", "x86"] {
        let expected = ("1.2.0".to_owned(), vec!["x86".to_owned()]);
        assert_eq!(offered(&world, "windows", arch).await, expected, "{arch}");
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn an_old_release_that_is_emulated_is_found_below_many_others() {
    let world = with_product().await;
    publish(&world, "1.1.0", &[("macos", "x86_64")], json!({})).await;
    for minor in 2..20 {
        publish(&world, &format!("1.{minor}.0"), &[("windows", "x86_64")], json!({})).await;
    }
    assert_eq!(offered(&world, "macos", "arm64").await.0, "1.1.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn rollouts_and_required_releases_hold_over_it() {
    let world = with_product().await;
    let target = [("macos", "x86_64")];
    publish(&world, "1.1.0", &target, json!({ "required": true })).await;
    publish(&world, "1.2.0", &[("macos", "arm64")], json!({})).await;
    assert_eq!(offered(&world, "macos", "arm64").await.0, "1.1.0");
    publish(
        &world,
        "1.0.5",
        &target,
        json!({ "required": true, "rollout": { "basis_points": 0 } }),
    )
    .await;
    assert_eq!(offered(&world, "macos", "arm64").await.0, "held_back");
    world.stack.stop().await;
}
