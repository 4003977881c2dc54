//! `POST /v1/approvals/{approval_id}/approve`

use slipway_test_support::{World, json, release_path};

use super::{approval_path, approve, approve_as, approver, draft, gated};

#[tokio::test]
async fn a_draft_is_published_once_enough_others_have_approved() {
    let world = World::start().await;
    gated(&world, 2).await;
    let draft = draft(&world, "1.0.0").await;
    let publish = release_path(&draft, "/publish");
    let asked = world.post(&publish, json!({})).await.expect(202);
    assert_eq!(world.post(&publish, json!({})).await.expect(202), asked, "one approval");
    let one = approve(&world, &asked).await;
    assert_eq!(
        (&one["status"], one["approvals"].as_array().unwrap().len()),
        (&json!("pending"), 1)
    );
    world.post(&publish, json!({})).await.expect(202);
    assert_eq!(world.decide("prod_app", "0.9.0").await["action"], "NONE");
    assert_eq!(approve(&world, &asked).await["status"], "approved");
    let published = world.post(&publish, json!({})).await.expect(200);
    assert_eq!(published["status"], "published");
    let used = world.get(&approval_path(&asked, "")).await.expect(200);
    assert_eq!(used["status"], "used");
    assert_eq!(world.post(&publish, json!({})).await.expect(200), published);
}

#[tokio::test]
async fn who_asks_can_not_approve_and_nobody_approves_twice() {
    let world = World::start().await;
    gated(&world, 2).await;
    let publish = release_path(&draft(&world, "1.0.0").await, "/publish");
    let asked = world.post(&publish, json!({})).await.expect(202);
    let body = json!({ "change_sha256": asked["change_sha256"] });
    let own = world.post(&approval_path(&asked, "/approve"), body).await;
    own.refused(403, "forbidden", None);
    let secret = approver(&world).await;
    let once = approve_as(&world, &secret, &asked).await.expect(200);
    assert_eq!(approve_as(&world, &secret, &asked).await.expect(200), once);
    world.post(&publish, json!({})).await.expect(202);
}

#[tokio::test]
async fn another_digest_another_channel_and_a_missing_scope_are_refused() {
    let world = World::start().await;
    gated(&world, 1).await;
    let publish = release_path(&draft(&world, "1.0.0").await, "/publish");
    let asked = world.post(&publish, json!({})).await.expect(202);
    let path = approval_path(&asked, "/approve");
    let secret = approver(&world).await;
    let other = json!({ "change_sha256": "ab".repeat(32) });
    let refused = world.post_as(&secret, &path, other).await;
    refused.refused(409, "stale_state", Some("change_sha256"));
    world.post_as(&secret, &path, json!({})).await.refused(
        400,
        "invalid_field",
        Some("change_sha256"),
    );
    let beta = json!({ "scopes": ["ci:write", "releases:read"], "channels": ["beta"] });
    let beta = world.secret(beta).await;
    approve_as(&world, &beta, &asked).await.refused(403, "forbidden", None);
    let reader = world.secret(json!({ "scopes": ["releases:read"] })).await;
    approve_as(&world, &reader, &asked).await.refused(403, "forbidden", None);
    assert_eq!(world.get(&approval_path(&asked, "")).await.expect(200), asked);
}

#[tokio::test]
async fn the_approval_of_a_change_makes_no_other_change() {
    let world = World::start().await;
    gated(&world, 1).await;
    let draft = draft(&world, "1.0.0").await;
    let publish = release_path(&draft, "/publish");
    let some = json!({ "rollout": { "percent": 5 } });
    let asked = world.post(&publish, some.clone()).await.expect(202);
    approve(&world, &asked).await;
    let all = world.post(&publish, json!({})).await.expect(202);
    assert_ne!(all["change_sha256"], asked["change_sha256"]);

    // The draft gets another artifact: what was approved is not what would be published.
    let artifact = world.external(2).await;
    let artifact = json!({ "artifact_id": artifact, "platform": "linux", "arch": "arm64", "installer_type": "deb" });
    let added = json!({ "artifacts": [artifact] });
    world.post(&release_path(&draft, "/artifacts"), added).await.expect(200);
    let other = world.post(&publish, some).await.expect(202);
    assert_ne!(other["change_sha256"], asked["change_sha256"]);
    let unused = world.get(&approval_path(&asked, "")).await.expect(200);
    assert_eq!(unused["status"], "approved");
    assert_eq!(world.get(&release_path(&draft, "")).await.expect(200)["status"], "draft");
}

#[tokio::test]
async fn a_release_that_was_revoked_or_deleted_meanwhile_is_not_approved() {
    let world = World::start().await;
    gated(&world, 1).await;
    let draft_one = draft(&world, "1.0.0").await;
    let deleted = world.post(&release_path(&draft_one, "/publish"), json!({})).await.expect(202);
    world.delete(&release_path(&draft_one, "")).await.expect(204);
    let secret = approver(&world).await;
    approve_as(&world, &secret, &deleted).await.refused(409, "stale_state", None);

    let draft_two = draft(&world, "2.0.0").await;
    let publish = release_path(&draft_two, "/publish");
    let paused = json!({ "rollout": { "percent": 10 } });
    let asked = world.post(&publish, paused.clone()).await.expect(202);
    approve(&world, &asked).await;
    world.post(&publish, paused).await.expect(200);
    let rollout = release_path(&draft_two, "/rollout");
    let more = json!({ "percent": 100 });
    let [approved, pending] = [more, json!({ "percent": 50 })];
    let first = world.put(&rollout, approved.clone()).await.expect(202);
    approve(&world, &first).await;
    let second = world.put(&rollout, pending).await.expect(202);
    world.revoke(&draft_two).await;
    approve_as(&world, &secret, &second).await.refused(409, "stale_state", None);
    world.put(&rollout, approved).await.refused(409, "stale_state", None);
}
