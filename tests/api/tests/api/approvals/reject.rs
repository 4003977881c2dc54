//! `POST /v1/approvals/{approval_id}/reject`

use slipway_test_support::{World, json, release_path};

use super::{approval_path, approve, approve_as, approver, draft, gated};

#[tokio::test]
async fn a_rejected_change_is_not_made_and_is_asked_for_anew() {
    let world = World::start().await;
    gated(&world, 1).await;
    let publish = release_path(&draft(&world, "1.0.0").await, "/publish");
    let asked = world.post(&publish, json!({})).await.expect(202);
    approve(&world, &asked).await;
    let other = approver(&world).await;
    let reason = json!({ "reason": "The notes are missing" });
    let rejected = world.post_as(&other, &approval_path(&asked, "/reject"), reason).await;
    let rejected = rejected.expect(200);
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(rejected["rejection"]["reason"], "The notes are missing");
    let again = world.post(&publish, json!({})).await.expect(202);
    assert_ne!(again["approval_id"], asked["approval_id"]);
    let refused = approve_as(&world, &other, &asked).await;
    refused.refused(409, "stale_state", None);
    let twice = world.post(&approval_path(&asked, "/reject"), json!({})).await;
    twice.refused(409, "stale_state", None);
}

#[tokio::test]
async fn who_asked_for_a_change_can_withdraw_it_and_not_after_it_was_made() {
    let world = World::start().await;
    gated(&world, 1).await;
    let publish = release_path(&draft(&world, "1.0.0").await, "/publish");
    let asked = world.post(&publish, json!({})).await.expect(202);
    world.post(&approval_path(&asked, "/reject"), json!({})).await.expect(200);
    let asked = world.post(&publish, json!({})).await.expect(202);
    approve(&world, &asked).await;
    world.post(&publish, json!({})).await.expect(200);
    let late = world.post(&approval_path(&asked, "/reject"), json!({})).await;
    late.refused(409, "stale_state", None);
}
