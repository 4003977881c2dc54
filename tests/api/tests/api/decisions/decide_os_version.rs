//! `POST /v1/decision`: the oldest operating system that a release runs on

use slipway_test_support::{Value, World, json};

use super::{ask, with_product};

/// Publishes a version that needs `min_os_version`, for Windows and macOS.
async fn publish(world: &World, version: &str, min_os_version: Value) {
    let mut body = World::release_of("prod_app", version, "stable", &world.external(1).await);
    let mut mac = body["artifacts"][0].clone();
    mac["platform"] = json!("macos");
    body["artifacts"].as_array_mut().unwrap().push(mac);
    body["metadata"] = json!({ "min_os_version": min_os_version });
    world.post("/v1/releases", body).await.expect(201);
}

#[tokio::test]
async fn a_client_gets_the_newest_release_that_runs_on_its_operating_system() {
    let world = with_product().await;
    publish(&world, "1.1.0", json!("Windows 10")).await;
    publish(&world, "1.2.0", json!({ "windows": "10.0.22000", "macos": "13" })).await;
    for (platform, os_version, expected) in [
        ("win32", "10.0.22631", "1.2.0"),
        ("win32", "10.0.19045", "1.1.0"),
        ("darwin", "13.0.1", "1.2.0"),
        ("darwin", "12.7", "1.1.0"),
    ] {
        let machine = json!({ "platform": platform, "os_version": os_version });
        assert_eq!(ask(&world, machine).await["version"], expected, "{platform} {os_version}");
    }
    // Who does not say it is offered what is newest, as before.
    assert_eq!(ask(&world, json!({ "platform": "windows" })).await["version"], "1.2.0");
    for (os_version, reason) in [("6.1.7601", "os_too_old"), ("Vista", "invalid_os_version")] {
        let machine = json!({ "platform": "windows", "os_version": os_version });
        let decision = ask(&world, machine).await;
        assert_eq!((&decision["action"], &decision["reason"]), (&json!("NONE"), &json!(reason)));
    }
}
