//! `POST /api/v1/promotions/{id}/complete`

use futures::future::join_all;
use slipway_test_support::{World, json};

use super::{PLACE, ask, complete, gated, path, promotion, seen, status_of, two_ready, waiting};
use crate::environments::environment;

#[tokio::test]
async fn what_is_deployed_takes_the_place_of_what_was() {
    let world = World::start().await;
    let [old, new] = two_ready(&world).await;
    let dev = environment(&world, "dev", 1).await;
    let state = async |bundle| {
        let state = world.get(&format!("{}/state", crate::bundles::path(bundle))).await.expect(200);
        state["environments"][0].clone()
    };
    let first = promotion(&world, &old, &dev).await;
    let deployed = complete(&world, &first, "deployed").await.expect(200);
    assert_eq!(deployed["status"], "deployed");
    assert_eq!(seen(&world, &first).await, deployed);
    assert_eq!(state(&old).await["deployedAt"], deployed["completedAt"]);
    let second = promotion(&world, &new, &dev).await;
    complete(&world, &second, "deployed").await.expect(200);
    assert_eq!(state(&old).await["status"], "not_deployed");
    assert_eq!(state(&new).await["status"], "deployed");
    for bundle in [&old, &new] {
        assert_eq!(status_of(&world, bundle).await, "deployed");
    }
}

#[tokio::test]
async fn what_fails_leaves_the_environment_and_the_release_as_they_were() {
    let world = World::start().await;
    let [old, new] = two_ready(&world).await;
    let dev = environment(&world, "dev", 1).await;
    let first = promotion(&world, &old, &dev).await;
    complete(&world, &first, "deployed").await.expect(200);
    for (bundle, status) in [(&new, "ready"), (&old, "deployed")] {
        let failing = promotion(&world, bundle, &dev).await;
        let failed = complete(&world, &failing, "failed").await.expect(200);
        assert_eq!(failed["status"], "failed");
        assert_eq!(status_of(&world, bundle).await, status);
    }
    let state = world.get(&format!("{}/state", crate::bundles::path(&old))).await.expect(200);
    assert_eq!(state["environments"][0]["status"], "deployed");
}

#[tokio::test]
async fn a_release_is_promoting_while_any_of_its_promotions_is_in_progress() {
    for (first, second, between, last) in [
        ("deployed", "failed", "promoting", "deployed"),
        ("failed", "deployed", "promoting", "deployed"),
        ("failed", "failed", "promoting", "ready"),
        ("deployed", "deployed", "promoting", "deployed"),
    ] {
        let world = World::start().await;
        let [one, _] = two_ready(&world).await;
        let [dev, prod] =
            [environment(&world, "dev", 1).await, environment(&world, "prod", 2).await];
        let promotions =
            [promotion(&world, &one, &dev).await, promotion(&world, &one, &prod).await];
        complete(&world, &promotions[0], first).await.expect(200);
        assert_eq!(status_of(&world, &one).await, between, "{first}, {second}");
        complete(&world, &promotions[1], second).await.expect(200);
        assert_eq!(status_of(&world, &one).await, last, "{first}, {second}");
        world.stack.stop().await;
    }
}

#[tokio::test]
async fn a_release_that_is_deprecated_meanwhile_stays_so_and_is_deployed_all_the_same() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    let [dev, prod] = [environment(&world, "dev", 1).await, environment(&world, "prod", 2).await];
    let promotions = [promotion(&world, &one, &dev).await, promotion(&world, &one, &prod).await];
    let bundle = crate::bundles::path(&one);
    world.post(&format!("{bundle}/deprecate"), json!({})).await.expect(200);
    world.delete(&bundle).await.refused(409, "stale_state", None);
    complete(&world, &promotions[0], "deployed").await.expect(200);
    complete(&world, &promotions[1], "failed").await.expect(200);
    assert_eq!(status_of(&world, &one).await, "deprecated");
    let state = world.get(&format!("{bundle}/state")).await.expect(200);
    let statuses = crate::assertions::each(&state["environments"], "status");
    assert_eq!(statuses, ["deployed", "not_deployed"]);
    ask(&world, &one, &prod).await.refused(422, "release_not_promotable", None);
}

#[tokio::test]
async fn telling_it_twice_changes_nothing_and_telling_otherwise_is_refused() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    let dev = environment(&world, "dev", 1).await;
    let begun = promotion(&world, &one, &dev).await;
    let deployed = complete(&world, &begun, "deployed").await.expect(200);
    let rows = world.rows().await;
    assert_eq!(complete(&world, &begun, "deployed").await.expect(200), deployed);
    let refused = complete(&world, &begun, "failed").await;
    refused.refused(409, "stale_state", None);
    assert_eq!(refused.body["error"]["details"]["status"], "deployed");
    assert_eq!(world.rows().await, rows);
    complete(&world, &begun, "rejected").await.refused(400, "invalid_field", Some("status"));
    world.post(&path(&begun, "/complete"), json!({})).await.refused(
        400,
        "invalid_field",
        Some("status"),
    );
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff/complete");
    world.post(&unknown, json!({ "status": "failed" })).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn of_two_ends_at_once_one_stands() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    let dev = environment(&world, "dev", 1).await;
    let begun = promotion(&world, &one, &dev).await;
    let ends = ["deployed", "failed", "deployed", "failed"];
    let answers = join_all(ends.map(|end| complete(&world, &begun, end))).await;
    let stands = seen(&world, &begun).await["status"].clone();
    for (answer, end) in answers.iter().zip(ends) {
        assert_eq!(answer.status, if stands == end { 200 } else { 409 }, "{:#}", answer.body);
    }
    let expected = if stands == "deployed" { "deployed" } else { "ready" };
    assert_eq!(status_of(&world, &one).await, expected);
}

#[tokio::test]
async fn what_waits_for_approval_can_not_end_so_nor_is_its_environment_deleted() {
    let world = World::start().await;
    let [bundle, waits] = waiting(&world, 1).await;
    complete(&world, &waits, "deployed").await.refused(409, "stale_state", None);
    let environment = waits["targetEnvironmentId"].as_str().unwrap();
    let environment = format!("{}/{environment}", crate::environments::PLACE);
    let refused = world.delete(&environment).await;
    refused.refused(409, "stale_state", None);
    assert_eq!(refused.body["error"]["details"]["promotionId"], waits["id"]);
    world.post(&path(&waits, "/reject"), json!({})).await.expect(200);
    world.delete(&environment).await.expect(204);
    assert_eq!(seen(&world, &waits).await["status"], "rejected");
    let other = gated(&world, "prod", 0).await;
    promotion(&world, &bundle, &other).await;
}

#[tokio::test]
async fn nothing_is_changed_by_what_is_left_where_a_row_was_lost() {
    let world = World::start().await;
    let [bundle, _] = two_ready(&world).await;
    let open = promotion(&world, &bundle, &environment(&world, "dev", 1).await).await;
    let rows = world.rows().await;
    let of_bundle =
        |(pk, _): &&(String, String)| pk.strip_prefix("BUNDLE#") == bundle["id"].as_str();
    let lost = rows.keys().find(of_bundle).unwrap();
    world.lose_row(lost).await;
    let before = world.rows().await;
    complete(&world, &open, "deployed").await.refused(500, "internal", None);
    assert_eq!(world.rows().await, before);
}
