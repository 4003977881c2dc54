//! `GET /v1/approvals/{approval_id}`

use jiff::SignedDuration;
use slipway_test_support::{TestClock, World, json, release_path};

use super::{approval_path, draft, gated};

#[tokio::test]
async fn it_shows_the_change_that_waits_and_who_asked_for_it() {
    let world = World::start().await;
    gated(&world, 2).await;
    let draft = draft(&world, "1.0.0").await;
    let answer = world.post(&release_path(&draft, "/publish"), json!({})).await;
    let waiting = answer.expect(202);
    let approval = world.get(&approval_path(&waiting, "")).await.expect(200);
    assert_eq!(approval, waiting);
    assert_eq!(approval["status"], "pending");
    assert_eq!(approval["operation"], "release-publish");
    assert_eq!(approval["required_approvals"], 2);
    assert_eq!(approval["approvals"], json!([]));
    assert_eq!(approval["requested_by"]["actor"], "bootstrap");
    assert_eq!(approval["release_id"], draft["release_id"]);
    assert_eq!(approval["change"]["artifacts"], draft["artifacts"]);
    assert_eq!(approval["change"]["rollout"]["basis_points"], 10_000);
}

#[tokio::test]
async fn it_is_expired_from_its_time_on_and_asked_for_anew() {
    let clock = TestClock::default();
    let world = World::on(&clock).await;
    gated(&world, 1).await;
    let draft = draft(&world, "1.0.0").await;
    let publish = release_path(&draft, "/publish");
    let first = world.post(&publish, json!({})).await.expect(202);
    super::approve(&world, &first).await;
    clock.advance(SignedDuration::from_hours(7 * 24));
    let read = world.get(&approval_path(&first, "")).await.expect(200);
    assert_eq!(read["status"], "expired");
    let second = world.post(&publish, json!({})).await.expect(202);
    assert_ne!(second["approval_id"], first["approval_id"]);
    assert_eq!(second["approvals"], json!([]));
    assert_eq!(world.get(&release_path(&draft, "")).await.expect(200)["status"], "draft");
}

#[tokio::test]
async fn an_unknown_approval_is_not_found() {
    let world = World::start().await;
    world.get("/v1/approvals/apr_none").await.refused(404, "not_found", None);
}
