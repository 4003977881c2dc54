//! `POST /v1/decision`: channels with many releases, of which the client can't have the newest

use slipway_domain::ReleaseId;
use slipway_domain::rollout::Rollout;
use slipway_test_support::{Value, World, json, release_path, text};

use super::{ask, with_product};

/// A release of `prod_app` for a platform, offered to a share of clients.
async fn publish(world: &World, version: &str, platform: &str, basis_points: u16) -> Value {
    let artifact = world.external(1).await;
    let mut release = World::release_of("prod_app", version, "stable", &artifact);
    release["artifacts"][0]["platform"] = json!(platform);
    release["rollout"] = json!({ "basis_points": basis_points });
    world.post("/v1/releases", release).await.expect(201)
}

/// Drafts and revoked releases with the minor version `minor`.
async fn publish_dead(world: &World, minor: u8) {
    for patch in 1..4 {
        world.draft("prod_app", &format!("1.{minor}.{patch}")).await;
        let revoked = publish(world, &format!("1.{minor}.{}", patch + 10), "windows", 10_000).await;
        world.revoke(&revoked).await;
    }
}

#[tokio::test]
async fn a_platform_that_is_no_longer_supported_gets_the_last_release_for_it() {
    let world = with_product().await;
    publish(&world, "1.1.0", "macos", 10_000).await;
    for minor in 2..30 {
        publish(&world, &format!("1.{minor}.0"), "windows", 10_000).await;
    }
    let old = ask(&world, json!({ "platform": "macos" })).await;
    assert_eq!((&old["action"], &old["version"]), (&json!("INSTALL"), &json!("1.1.0")));
    assert_eq!(ask(&world, json!({ "platform": "windows" })).await["version"], "1.29.0");
    let never = ask(&world, json!({ "platform": "linux" })).await;
    assert_eq!(never["reason"], "no_matching_artifact");
    world.stack.stop().await;
}

#[tokio::test]
async fn each_client_gets_the_first_of_many_staged_releases_that_admits_it() {
    let world = with_product().await;
    publish(&world, "1.1.0", "windows", 10_000).await;
    let mut staged = Vec::new();
    for minor in 2..14 {
        publish_dead(&world, minor).await;
        let share = 700 * u16::from(14 - minor);
        let release = publish(&world, &format!("1.{minor}.0"), "windows", share).await;
        let id: ReleaseId = text(&release, "release_id").parse().unwrap();
        staged.push((release["version"].clone(), id, share));
    }
    let mut offered = std::collections::BTreeSet::new();
    for number in 0..60 {
        let client = format!("client-{number}");
        let admits = |(_, id, basis_points): &&(Value, ReleaseId, u16)| {
            Rollout { basis_points: *basis_points, paused: false }.includes(id, Some(&client))
        };
        let first = staged.iter().rev().find(admits);
        let expected = first.map_or(json!("1.1.0"), |(version, ..)| version.clone());
        let decision = ask(&world, json!({ "client_id": client })).await;
        assert_eq!(decision["version"], expected, "{client}");
        offered.insert(expected.to_string());
    }
    assert!(offered.len() > 5, "{offered:?}");
    assert_eq!(ask(&world, json!({})).await["version"], "1.1.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn revoking_the_newest_brings_back_the_next_whatever_lies_between() {
    let world = with_product().await;
    publish(&world, "1.1.0", "macos", 10_000).await;
    publish(&world, "1.2.0", "windows", 10_000).await;
    for minor in 3..9 {
        publish_dead(&world, minor).await;
    }
    let newest = publish(&world, "1.9.0", "windows", 10_000).await;
    assert_eq!(ask(&world, json!({})).await["version"], "1.9.0");
    // Held back from it, everybody gets the next one; and so without it.
    let nobody = json!({ "basis_points": 0 });
    world.put(&release_path(&newest, "/rollout"), nobody).await.expect(200);
    assert_eq!(ask(&world, json!({ "client_id": "c" })).await["version"], "1.2.0");
    world.revoke(&newest).await;
    assert_eq!(ask(&world, json!({})).await["version"], "1.2.0");
    assert_eq!(ask(&world, json!({ "platform": "macos" })).await["version"], "1.1.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn a_client_whose_version_was_revoked_long_ago_is_told_so() {
    let world = with_product().await;
    for minor in 1..9 {
        let revoked = publish(&world, &format!("1.{minor}.0"), "windows", 10_000).await;
        world.revoke(&revoked).await;
    }
    publish(&world, "0.9.0", "windows", 10_000).await;
    for (current, reason) in [
        ("1.1.0", "current_version_revoked"),
        ("1.8.0", "current_version_revoked"),
        ("1.1.1", "up_to_date"),
        ("1.9.0", "up_to_date"),
        ("0.9.0", "up_to_date"),
    ] {
        let decision = ask(&world, json!({ "current_version": current })).await;
        assert_eq!(decision["reason"], reason, "{current}");
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn a_release_that_is_too_large_for_the_head_is_offered_like_any_other() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    for minor in 1..3 {
        let version = format!("1.{minor}.0");
        let mut release = World::release_of("prod_app", &version, "stable", &artifact);
        release["metadata"] = json!({ "release_notes": "x".repeat(13 << 10) });
        let release = world.post("/v1/releases", release).await.expect(201);
        let offered = ask(&world, json!({})).await;
        assert_eq!(offered["version"], version);
        assert_eq!(offered["metadata"], release["metadata"]);
    }
    assert_eq!(ask(&world, json!({ "current_version": "1.2.0" })).await["reason"], "up_to_date");
    world.stack.stop().await;
}
