//! Each operation that gives clients of a channel an update waits for sign-off there, and what
//! gives an update to nobody new never does.

use slipway_test_support::{Method, TestResponse, Value, World, json, release_path};

use super::{PRODUCT, approve, draft, gated, put_as};

/// A live release on `stable`, for `percent` of the clients.
async fn live(world: &World, version: &str, percent: u64) -> Value {
    let publish = release_path(&draft(world, version).await, "/publish");
    let body = json!({ "rollout": { "percent": percent } });
    approve(world, &world.post(&publish, body.clone()).await.expect(202)).await;
    world.post(&publish, body).await.expect(200)
}

#[tokio::test]
async fn a_release_with_artifacts_is_created_once_it_is_approved() {
    let world = World::start().await;
    gated(&world, 1).await;
    let body = World::release_of(PRODUCT, "1.0.0", "stable", &world.external(1).await);
    let send = || world.admin(Method::POST, "/v1/releases").json(&body);
    let with_key = || TestResponse::to(send().header("idempotency-key", "ci-1"));
    let asked = with_key().await;
    assert!(asked.header("location").unwrap().starts_with("/v1/approvals/apr_"));
    let asked = asked.expect(202);
    assert_eq!(asked["operation"], "release-create");
    let all = world.get("/v1/releases").await.expect(200);
    assert_eq!(all["releases"], json!([]), "nothing was created");
    approve(&world, &asked).await;
    let created = with_key().await.expect(201);
    assert_eq!(created["status"], "published");
    assert_eq!(with_key().await.expect(201), created, "the response of the key");
    assert_eq!(world.post("/v1/releases", body.clone()).await.expect(200), created);
}

#[tokio::test]
async fn a_promotion_to_the_channel_waits_and_one_from_it_does_not() {
    let world = World::start().await;
    gated(&world, 1).await;
    let beta = world.publish(PRODUCT, "1.0.0", "beta").await;
    let promote = release_path(&beta, "/promote");
    let asked = world.post(&promote, json!({ "channel": "stable" })).await.expect(202);
    approve(&world, &asked).await;
    let more = json!({ "channel": "stable", "rollout": { "percent": 1 } });
    world.post(&promote, more).await.expect(202);
    let stable = world.post(&promote, json!({ "channel": "stable" })).await.expect(201);
    assert_eq!(stable["promoted_from"], beta["release_id"]);
    let again = world.post(&promote, json!({ "channel": "stable" })).await.expect(200);
    assert_eq!(again, stable);
    let path = release_path(&stable, "/promote");
    world.post(&path, json!({ "channel": "internal" })).await.expect(201);
}

#[tokio::test]
async fn a_larger_share_steps_and_a_resumption_wait_and_a_pause_and_a_smaller_share_never_do() {
    let world = World::start().await;
    gated(&world, 1).await;
    let release = live(&world, "1.0.0", 20).await;
    let rollout = release_path(&release, "/rollout");
    let steps =
        json!({ "steps": [{ "percent": 5, "after": "0s" }, { "percent": 100, "after": "1h" }] });
    for more in [json!({ "percent": 21 }), steps] {
        world.put(&rollout, more).await.expect(202);
    }
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), release);
    world.put(&rollout, json!({ "percent": 10 })).await.expect(200);
    // Paused, the share says nothing; it does once the release is resumed.
    world.put(&rollout, json!({ "percent": 100, "paused": true })).await.expect(200);
    let asked = world.put(&rollout, json!({ "paused": false })).await.expect(202);
    approve(&world, &asked).await;
    let resumed = world.put(&rollout, json!({ "paused": false })).await.expect(200);
    assert_eq!(resumed["rollout"]["basis_points"], 10_000);
    world.revoke(&release).await;
}

#[tokio::test]
async fn a_used_approval_makes_its_change_once() {
    let world = World::start().await;
    gated(&world, 1).await;
    let release = live(&world, "1.0.0", 10).await;
    let rollout = release_path(&release, "/rollout");
    let asked = world.put(&rollout, json!({ "percent": 50 })).await.expect(202);
    approve(&world, &asked).await;
    world.put(&rollout, json!({ "percent": 50 })).await.expect(200);
    world.put(&rollout, json!({ "percent": 10 })).await.expect(200);
    let again = world.put(&rollout, json!({ "percent": 50 })).await.expect(202);
    assert_ne!(again["approval_id"], asked["approval_id"]);
}

#[tokio::test]
async fn what_clients_are_told_of_a_live_release_waits_and_a_rule_that_halts_does_not() {
    let world = World::start().await;
    gated(&world, 1).await;
    let release = live(&world, "1.0.0", 100).await;
    let path = release_path(&release, "");
    let rule = json!({ "failure_basis_points": 500, "min_reports": 50 });
    world.patch(&path, json!({ "halt_on": rule })).await.expect(200);
    for patch in [
        json!({ "metadata": { "release_notes": "other" } }),
        json!({ "required": true }),
        json!({ "halt_on": null }),
    ] {
        let asked = world.patch(&path, patch).await.expect(202);
        assert_eq!(asked["operation"], "release-update");
    }
}

#[tokio::test]
async fn a_channel_that_the_gated_one_follows_is_gated_too() {
    let world = World::start().await;
    let product = json!({
        "product_id": PRODUCT, "name": "App", "channel_follows": { "stable": ["beta"] },
        "channel_sign_off": { "stable": { "required_approvals": 1 } },
    });
    world.post("/v1/products", product).await.expect(201);
    let artifact = world.external(1).await;
    let on = |channel| World::release_of(PRODUCT, "1.0.0", channel, &artifact);
    world.post("/v1/releases", on("beta")).await.expect(202);
    world.post("/v1/releases", on("internal")).await.expect(201);
}

#[tokio::test]
async fn whoever_repeats_the_request_makes_the_change_and_has_the_right_to() {
    let world = World::start().await;
    gated(&world, 1).await;
    let release = live(&world, "1.0.0", 10).await;
    let rollout = release_path(&release, "/rollout");
    let ci = world.secret(json!({ "scopes": ["ci:write"], "channels": ["stable"] })).await;
    let asked = put_as(&world, &ci, &rollout, json!({ "percent": 50 })).await.expect(202);
    approve(&world, &asked).await;
    let beta = world.secret(json!({ "scopes": ["ci:write"], "channels": ["beta"] })).await;
    let refused = put_as(&world, &beta, &rollout, json!({ "percent": 50 })).await;
    refused.refused(403, "forbidden", None);
    world.put(&rollout, json!({ "percent": 50 })).await.expect(200);
}

#[tokio::test]
async fn an_approval_of_a_larger_share_is_none_of_a_resumption_that_comes_after() {
    let world = World::start().await;
    gated(&world, 1).await;
    let release = live(&world, "1.0.0", 10).await;
    let rollout = release_path(&release, "/rollout");
    let all = json!({ "percent": 100, "paused": false });
    approve(&world, &world.put(&rollout, all.clone()).await.expect(202)).await;
    world.put(&rollout, json!({ "paused": true })).await.expect(200);
    let asked = world.put(&rollout, all.clone()).await.expect(202);
    assert_eq!(asked["status"], "pending", "{asked}");
    approve(&world, &asked).await;
    world.put(&rollout, all.clone()).await.expect(200);
    // Nor is an approval of one resumption that of the next.
    world.put(&rollout, json!({ "paused": true })).await.expect(200);
    let again = world.put(&rollout, all).await.expect(202);
    assert_ne!(again["change_sha256"], asked["change_sha256"]);
}

#[tokio::test]
async fn a_required_release_that_is_required_no_longer_waits_also_while_it_is_paused() {
    let world = World::start().await;
    gated(&world, 1).await;
    let draft = draft(&world, "1.0.0").await;
    let path = release_path(&draft, "");
    world.patch(&path, json!({ "required": true })).await.expect(200);
    let publish = release_path(&draft, "/publish");
    approve(&world, &world.post(&publish, json!({})).await.expect(202)).await;
    world.post(&publish, json!({})).await.expect(200);
    world.put(&release_path(&draft, "/rollout"), json!({ "paused": true })).await.expect(200);
    // What waits for the release is offered to clients once they need not have it.
    let asked = world.patch(&path, json!({ "required": false })).await.expect(202);
    assert_eq!(world.get(&path).await.expect(200)["required"], true);
    let notes = json!({ "metadata": { "release_notes": "Faster." } });
    world.patch(&path, notes).await.expect(200);
    // Other notes: another change.
    let other = world.patch(&path, json!({ "required": false })).await.expect(202);
    assert_ne!(other["change_sha256"], asked["change_sha256"]);
    approve(&world, &other).await;
    let opened = world.patch(&path, json!({ "required": false })).await.expect(200);
    assert_eq!(opened["required"], false);
}
