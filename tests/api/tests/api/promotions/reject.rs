//! `POST /api/v1/promotions/{id}/reject`

use slipway_test_support::{World, json};

use super::{approve_as, approver, path, promotion, seen, status_of, two_ready, waiting};
use crate::environments::environment;

#[tokio::test]
async fn a_promotion_that_is_rejected_has_ended_and_another_one_can_be_asked_for() {
    let world = World::start().await;
    let [bundle, waits] = waiting(&world, 1).await;
    let (id, secret) = world.token(&["bundles:write"]).await;
    let reason = json!({ "reason": "Not on a Friday." });
    let rejected = world.post_as(&secret, &path(&waits, "/reject"), reason).await.expect(200);
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(rejected["rejection"]["by"]["actor"], id.as_str());
    assert_eq!(rejected["rejection"]["reason"], "Not on a Friday.");
    assert_eq!(rejected["completedAt"], rejected["rejection"]["by"]["at"]);
    assert_eq!(seen(&world, &waits).await, rejected);
    assert_eq!(status_of(&world, &bundle).await, "ready");
    let approver = approver(&world).await;
    approve_as(&world, &approver, &waits).await.refused(409, "stale_state", None);
    world.post(&path(&waits, "/reject"), json!({})).await.refused(409, "stale_state", None);
    let environment = json!({ "id": waits["targetEnvironmentId"] });
    let again = promotion(&world, &bundle, &environment).await;
    assert_ne!(again["id"], waits["id"]);
}

#[tokio::test]
async fn who_has_asked_for_it_withdraws_it_without_a_body() {
    let world = World::start().await;
    let [_, waits] = waiting(&world, 1).await;
    let reject = world.admin(slipway_test_support::Method::POST, &path(&waits, "/reject"));
    let rejected = slipway_test_support::TestResponse::to(reject).await.expect(200);
    assert_eq!(rejected["rejection"]["reason"], json!(null));
    assert_eq!(rejected["rejection"]["by"]["actor"], waits["createdBy"]);
}

#[tokio::test]
async fn what_is_in_progress_is_not_rejected() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    let begun = promotion(&world, &one, &environment(&world, "dev", 1).await).await;
    let refused = world.post(&path(&begun, "/reject"), json!({})).await;
    refused.refused(409, "stale_state", None);
    assert_eq!(refused.body["error"]["details"]["status"], "in_progress");
    assert_eq!(seen(&world, &begun).await, begun);
}

#[tokio::test]
async fn the_promotion_of_a_deprecated_release_is_rejected_and_the_release_can_go() {
    let world = World::start().await;
    let [bundle, waits] = waiting(&world, 1).await;
    let bundle = crate::bundles::path(&bundle);
    world.post(&format!("{bundle}/deprecate"), json!({})).await.expect(200);
    world.delete(&bundle).await.refused(409, "stale_state", None);
    world.post(&path(&waits, "/reject"), json!({})).await.expect(200);
    world.delete(&bundle).await.expect(204);
    let kept = seen(&world, &waits).await;
    assert_eq!((&kept["status"], &kept["releaseName"]), (&json!("rejected"), &json!("a")));
}
