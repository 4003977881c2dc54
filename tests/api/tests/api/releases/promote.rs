//! `POST /v1/releases/{release_id}/promote`

use slipway_test_support::{World, json, release_path, text};

use crate::assertions::{created, has_members};
use crate::releases::MEMBERS;

#[tokio::test]
async fn the_same_version_and_bytes_are_published_on_another_channel_to_everyone() {
    let world = World::start().await;
    world.product("prod_app").await;
    let beta = world.publish("prod_app", "1.0.0", "beta").await;
    world.put(&release_path(&beta, "/rollout"), json!({ "basis_points": 100 })).await.expect(200);
    let answer = world.post(&release_path(&beta, "/promote"), json!({ "channel": "stable" })).await;
    let stable = created(answer, "/v1/releases", "release_id");
    has_members(&stable, MEMBERS);
    for same in ["product_id", "version", "artifacts", "metadata"] {
        assert_eq!(stable[same], beta[same], "{same}");
    }
    assert_eq!((&stable["channel"], &stable["status"]), (&json!("stable"), &json!("published")));
    assert_eq!(stable["rollout"]["basis_points"], 10_000);
    assert_eq!(stable["promoted_from"], beta["release_id"]);
    assert_eq!(world.decide("prod_app", "0.9.0").await["release_id"], stable["release_id"]);
    let again = world
        .post(&release_path(&beta, "/promote"), json!({ "channel": "stable" }))
        .await
        .expect(200);
    assert_eq!(again, stable);
}

#[tokio::test]
async fn the_upgrade_path_goes_with_the_release() {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut body = World::release_of("prod_app", "1.0.0", "beta", &world.external(1).await);
    body["required"] = json!(true);
    body["min_current_version"] = json!("0.9.0");
    let beta = world.post("/v1/releases", body).await.expect(201);
    let promote = json!({ "channel": "stable" });
    let stable = world.post(&release_path(&beta, "/promote"), promote).await.expect(201);
    assert_eq!(stable["required"], true);
    assert_eq!(stable["min_current_version"], "0.9.0");
}

#[tokio::test]
async fn a_promotion_has_a_rollout_of_its_own() {
    let world = World::start().await;
    world.product("prod_app").await;
    let beta = world.publish("prod_app", "1.0.0", "beta").await;
    let steps = json!([{ "percent": 10, "after": "0s" }, { "percent": 100, "after": "24h" }]);
    let to = |rollout| json!({ "channel": "stable", "rollout": rollout });
    let promote = async |body| world.post(&release_path(&beta, "/promote"), body).await;
    let stable = promote(to(json!({ "steps": steps }))).await.expect(201);
    assert_eq!(stable["rollout"]["basis_points"], 1000);
    let published: jiff::Timestamp = text(&stable, "published_at").parse().unwrap();
    let next: jiff::Timestamp = text(&stable["rollout"], "next_step_at").parse().unwrap();
    assert_eq!(next, published + jiff::SignedDuration::from_hours(24));
    assert_eq!(world.decide("prod_app", "0.9.0").await["reason"], "held_back");
    let again = promote(to(json!({ "basis_points": 1 }))).await.expect(200);
    assert_eq!(again, stable, "the rollout that stands is kept");
}

#[tokio::test]
async fn only_what_clients_get_is_promoted_and_only_to_another_channel_that_is_there() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.publish("prod_app", "1.0.0", "beta").await;
    let promote = async |release, channel: &str| {
        world.post(&release_path(release, "/promote"), json!({ "channel": channel })).await
    };
    promote(&release, "beta").await.refused(400, "invalid_field", Some("channel"));
    promote(&release, "nightly").await.refused(422, "unknown_channel", Some("channel"));
    promote(&release, "No Channel").await.refused(400, "invalid_field", Some("channel"));
    let draft = world.draft("prod_app", "2.0.0").await;
    promote(&draft, "beta").await.refused(409, "stale_state", None);
    world.revoke(&release).await;
    promote(&release, "stable").await.refused(409, "stale_state", None);
}

#[tokio::test]
async fn another_release_of_the_version_is_not_overwritten() {
    let world = World::start().await;
    world.product("prod_app").await;
    let stable = world.publish("prod_app", "1.0.0", "stable").await;
    let beta = world.publish("prod_app", "1.0.0", "beta").await;
    let refused =
        world.post(&release_path(&beta, "/promote"), json!({ "channel": "stable" })).await;
    refused.refused(409, "release_exists", Some("version"));
    assert_eq!(refused.body["error"]["details"]["release_id"], stable["release_id"]);
}

#[tokio::test]
async fn a_prerelease_is_promoted_to_stable_if_the_product_or_the_request_says_so() {
    let world = World::start().await;
    world.product("prod_app").await;
    let one = world.publish("prod_app", "1.0.0-rc.1", "beta").await;
    let two = world.publish("prod_app", "1.0.0-rc.2", "internal").await;
    let promote = async |release, to| world.post(&release_path(release, "/promote"), to).await;
    let stable = json!({ "channel": "stable" });
    let refused = promote(&one, stable.clone()).await;
    refused.refused(422, "prerelease_not_allowed", Some("version"));
    promote(&one, json!({ "channel": "internal" })).await.expect(201);
    promote(&one, json!({ "channel": "stable", "allow_prerelease": true })).await.expect(201);
    let allow = json!({ "allow_prerelease_on": ["stable"] });
    world.patch("/v1/products/prod_app", allow).await.expect(200);
    promote(&two, stable).await.expect(201);
}
