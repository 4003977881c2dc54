//! `POST /api/v1/promotions/{id}/approve`

use futures::future::join_all;
use slipway_test_support::{CiWorld, World, json, text};

use super::{PLACE, approve_as, approver, of, path, seen, status_of, waiting};
use crate::environments;

/// Changes how many approvals the environment of a promotion asks for.
async fn ask_for(world: &World, promotion: &slipway_test_support::Value, required: u32) {
    let id = promotion["targetEnvironmentId"].as_str().unwrap();
    let rule = json!({ "requiredApprovals": required });
    world.put(&format!("{}/{id}", environments::PLACE), rule).await.expect(200);
}

#[tokio::test]
async fn a_promotion_begins_once_enough_others_have_approved() {
    let world = World::start().await;
    let [bundle, waits] = waiting(&world, 2).await;
    let [one, other] = [approver(&world).await, approver(&world).await];
    let approved = approve_as(&world, &one, &waits).await.expect(200);
    assert_eq!(approved["status"], "awaiting_approval");
    assert_eq!(status_of(&world, &bundle).await, "ready");
    let rows = world.rows().await;
    assert_eq!(approve_as(&world, &one, &waits).await.expect(200), approved, "nobody counts twice");
    assert_eq!(world.rows().await, rows);
    let begun = approve_as(&world, &other, &waits).await.expect(200);
    assert_eq!(begun["status"], "in_progress");
    assert_eq!(begun["startedAt"], begun["approvals"][1]["at"]);
    assert_eq!(begun["approvals"].as_array().unwrap().len(), 2);
    assert_eq!(status_of(&world, &bundle).await, "promoting");
    assert_eq!(seen(&world, &waits).await, begun);
    assert_eq!(approve_as(&world, &other, &waits).await.expect(200), begun);
    let third = approver(&world).await;
    approve_as(&world, &third, &waits).await.refused(409, "stale_state", None);
}

#[tokio::test]
async fn who_asks_can_not_approve_nor_who_may_not_promote() {
    let world = World::start().await;
    let [_, waits] = waiting(&world, 1).await;
    world.post(&path(&waits, "/approve"), json!({})).await.refused(403, "forbidden", None);
    let reader = world.secret(json!({ "scopes": ["bundles:read", "admin:write"] })).await;
    approve_as(&world, &reader, &waits).await.refused(403, "forbidden", None);
    assert_eq!(seen(&world, &waits).await, waits);
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff/approve");
    let approver = approver(&world).await;
    world.post_as(&approver, &unknown, json!({})).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn a_workload_approves_nothing() {
    let ci = CiWorld::start().await;
    let [_, waits] = waiting(&ci.world, 1).await;
    let rule = ci.rule(&json!({ "scopes": ["bundles:write"] })).await;
    let token = ci.token(&rule).await;
    let secret = text(&token, "secret");
    let refused = approve_as(&ci.world, secret, &waits).await;
    refused.refused(403, "forbidden", None);
    assert_eq!(seen(&ci.world, &waits).await, waits);
}

#[tokio::test]
async fn the_approval_of_a_token_that_was_revoked_does_not_count() {
    let world = World::start().await;
    let [bundle, waits] = waiting(&world, 2).await;
    let (id, secret) = world.token(&["bundles:write"]).await;
    approve_as(&world, &secret, &waits).await.expect(200);
    world.delete(&format!("/v1/tokens/{id}")).await.expect(204);
    let one = approve_as(&world, &approver(&world).await, &waits).await.expect(200);
    assert_eq!(one["status"], "awaiting_approval");
    assert_eq!(one["approvals"][0]["counts"], false);
    let two = approve_as(&world, &approver(&world).await, &waits).await.expect(200);
    assert_eq!(two["status"], "in_progress");
    assert_eq!(status_of(&world, &bundle).await, "promoting");
}

#[tokio::test]
async fn the_number_needed_is_that_of_the_moment() {
    let world = World::start().await;
    let [_, waits] = waiting(&world, 1).await;
    ask_for(&world, &waits, 2).await;
    let [one, other] = [approver(&world).await, approver(&world).await];
    let approved = approve_as(&world, &one, &waits).await.expect(200);
    assert_eq!(
        (&approved["status"], &approved["requiredApprovals"]),
        (&json!("awaiting_approval"), &json!(2))
    );
    ask_for(&world, &waits, 3).await;
    let twice = approve_as(&world, &other, &waits).await.expect(200);
    assert_eq!(twice["status"], "awaiting_approval");
    ask_for(&world, &waits, 2).await;
    let begun = approve_as(&world, &one, &waits).await.expect(200);
    assert_eq!((&begun["status"], &begun["requiredApprovals"]), (&json!("in_progress"), &json!(2)));
    assert_eq!(begun["approvals"], twice["approvals"]);
}

#[tokio::test]
async fn a_release_that_was_deprecated_meanwhile_does_not_begin() {
    let world = World::start().await;
    let [bundle, waits] = waiting(&world, 2).await;
    let [one, other] = [approver(&world).await, approver(&world).await];
    let approved = approve_as(&world, &one, &waits).await.expect(200);
    let deprecate = format!("{}/deprecate", crate::bundles::path(&bundle));
    world.post(&deprecate, json!({})).await.expect(200);
    assert_eq!(approve_as(&world, &one, &waits).await.expect(200), approved, "nothing new");
    approve_as(&world, &other, &waits).await.refused(409, "stale_state", None);
    assert_eq!(seen(&world, &waits).await, approved);
}

#[tokio::test]
async fn approvals_at_once_all_count_and_the_promotion_begins_once() {
    let world = World::start().await;
    let [bundle, waits] = waiting(&world, 2).await;
    let mut approvers = Vec::new();
    for _ in 0..2 {
        approvers.push(approver(&world).await);
    }
    let answers = join_all(approvers.iter().map(|secret| approve_as(&world, secret, &waits))).await;
    let begun = answers.iter().filter(|it| it.body["status"] == "in_progress").count();
    assert_eq!((begun, answers.iter().all(|it| it.status == 200)), (1, true));
    let now = seen(&world, &waits).await;
    assert_eq!(
        (&now["status"], now["approvals"].as_array().unwrap().len()),
        (&json!("in_progress"), 2)
    );
    assert_eq!(status_of(&world, &bundle).await, "promoting");
    let environment = json!({ "id": waits["targetEnvironmentId"] });
    world.post(PLACE, of(&bundle, &environment)).await.refused(409, "stale_state", None);
}
