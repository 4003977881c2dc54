//! `GET /v1/audit/events?release_id=`: a release's own events, and those of the approvals of its
//! changes.

use slipway_test_support::{Value, World, json, release_path, text};

use super::events;
use crate::approvals::{approval_path, approve, draft, gated};

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| text(event, "event_type")).collect()
}

/// All events of a release, `limit` on a page.
async fn paged(world: &World, release: &Value, limit: usize) -> Vec<Value> {
    let path = format!("/v1/audit/events?release_id={}", text(release, "release_id"));
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("{path}&limit={limit}{cursor}")).await.expect(200);
        let events = page["events"].as_array().unwrap();
        assert!(events.len() <= limit);
        found.extend(events.iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return found };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn the_events_of_a_release_have_those_of_its_approvals_in_their_place() {
    let world = World::start().await;
    gated(&world, 1).await;
    let release = draft(&world, "1.0.0").await;
    let publish = release_path(&release, "/publish");
    let some = json!({ "rollout": { "percent": 10 } });
    let first = world.post(&publish, json!({})).await.expect(202);
    world.post(&approval_path(&first, "/reject"), json!({})).await.expect(200);
    let second = world.post(&publish, some.clone()).await.expect(202);
    approve(&world, &second).await;
    world.post(&publish, some).await.expect(200);
    let rollout = release_path(&release, "/rollout");
    let third = world.put(&rollout, json!({ "percent": 50 })).await.expect(202);
    world.put(&rollout, json!({ "paused": true })).await.expect(200);
    approve(&world, &third).await;
    let expected = [
        "approval.approved",
        "release.rollout_changed",
        "approval.requested",
        "release.published",
        "approval.used",
        "approval.approved",
        "approval.requested",
        "approval.rejected",
        "approval.requested",
        "release.drafted",
    ];
    let of_release = format!("release_id={}", text(&release, "release_id"));
    let all = events(&world, &of_release).await;
    assert_eq!(types(&all), expected);
    for limit in [1, 2, 3, 7] {
        assert_eq!(paged(&world, &release, limit).await, all, "{limit} on a page");
    }
    let approved = events(&world, &format!("{of_release}&event_type=approval.approved")).await;
    assert_eq!(approved.len(), 2);
    // The history of the release has what has changed it.
    let history = world.get(&release_path(&release, "/history")).await.expect(200);
    assert_eq!(history["changes"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_was_approved_of_a_promotion_is_an_event_of_the_release_that_is_promoted() {
    let world = World::start().await;
    gated(&world, 1).await;
    let beta = world.publish("prod_app", "1.0.0", "beta").await;
    let promote = release_path(&beta, "/promote");
    let asked = world.post(&promote, json!({ "channel": "stable" })).await.expect(202);
    approve(&world, &asked).await;
    world.post(&promote, json!({ "channel": "stable" })).await.expect(201);
    let of_beta = events(&world, &format!("release_id={}", text(&beta, "release_id"))).await;
    let expected =
        ["approval.used", "approval.approved", "approval.requested", "release.published"];
    assert_eq!(types(&of_beta), expected);
}

#[tokio::test]
async fn the_events_of_a_draft_that_was_deleted_are_found_by_its_product() {
    let world = World::start().await;
    gated(&world, 1).await;
    let release = draft(&world, "1.0.0").await;
    let asked = world.post(&release_path(&release, "/publish"), json!({})).await.expect(202);
    world.delete(&release_path(&release, "")).await.expect(204);
    world.post(&approval_path(&asked, "/reject"), json!({})).await.expect(200);
    let id = text(&release, "release_id");
    let found = events(&world, &format!("release_id={id}&product_id=prod_app")).await;
    let expected =
        ["approval.rejected", "release.deleted", "approval.requested", "release.drafted"];
    assert_eq!(types(&found), expected);
}
