//! `POST /api/v1/promotions`

use futures::future::join_all;
use slipway_test_support::{Method, TestResponse, Value, World, json, text};

use super::{
    MEMBERS, PLACE, ask, complete, gated, of, path, promotion, seen, status_of, two_ready,
};
use crate::assertions::{created, has_members};
use crate::bundles::{bundle, versioned};
use crate::environments::environment;

#[tokio::test]
async fn a_promotion_begins_at_once_where_no_approval_is_asked_for() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    let dev = environment(&world, "dev", 1).await;
    let mut new = of(&one, &dev);
    new["reason"] = json!("The weekly release.");
    let promotion = created(world.post(PLACE, new).await, PLACE, "id");
    has_members(&promotion, MEMBERS);
    for (member, value) in [
        ("releaseId", &one["id"]),
        ("releaseName", &json!("a")),
        ("targetEnvironmentId", &dev["id"]),
        ("status", &json!("in_progress")),
        ("reason", &json!("The weekly release.")),
        ("requiredApprovals", &json!(0)),
        ("approvals", &json!([])),
        ("createdBy", &one["createdBy"]),
        ("startedAt", &promotion["createdAt"]),
        ("completedAt", &json!(null)),
    ] {
        assert_eq!(&promotion[member], value, "{member}");
    }
    assert_eq!(seen(&world, &promotion).await, promotion);
    assert_eq!(status_of(&world, &one).await, "promoting");
}

#[tokio::test]
async fn one_waits_where_approvals_are_asked_for_and_the_release_stays_as_it_is() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    let promotion = promotion(&world, &one, &gated(&world, "prod", 2).await).await;
    assert_eq!(promotion["status"], "awaiting_approval");
    assert_eq!(promotion["requiredApprovals"], 2);
    assert_eq!((&promotion["startedAt"], &promotion["reason"]), (&json!(null), &json!(null)));
    assert_eq!(status_of(&world, &one).await, "ready");
}

#[tokio::test]
async fn a_draft_and_what_is_deprecated_are_not_promoted() {
    let world = World::start().await;
    let draft = bundle(&world, "a", &versioned(&world, "api").await, "2.0.0").await;
    let [dev, prod] = [gated(&world, "dev", 0).await, gated(&world, "prod", 1).await];
    let refuse = async |status: &str| {
        let rows = world.rows().await;
        for environment in [&dev, &prod] {
            let refused = ask(&world, &draft, environment).await;
            refused.refused(422, "release_not_promotable", None);
            assert_eq!(refused.body["error"]["details"]["status"], status);
        }
        assert_eq!(world.rows().await, rows);
    };
    refuse("draft").await;
    world.post(&format!("{}/deprecate", crate::bundles::path(&draft)), json!({})).await.expect(200);
    refuse("deprecated").await;
}

#[tokio::test]
async fn there_is_one_at_a_time_to_an_environment() {
    let world = World::start().await;
    let [one, other] = two_ready(&world).await;
    let [dev, prod] = [environment(&world, "dev", 1).await, gated(&world, "prod", 1).await];
    for environment in [&dev, &prod] {
        let first = promotion(&world, &one, environment).await;
        for bundle in [&one, &other] {
            let refused = ask(&world, bundle, environment).await;
            refused.refused(409, "stale_state", None);
            let error = &refused.body["error"];
            assert!(text(error, "message").contains(text(environment, "name")), "{error}");
            assert_eq!(error["details"]["promotionId"], first["id"]);
            assert_eq!(error["details"]["releaseId"], one["id"]);
        }
    }
    assert_eq!(status_of(&world, &other).await, "ready");
}

#[tokio::test]
async fn what_is_or_was_deployed_is_promoted_again() {
    let world = World::start().await;
    let [old, new] = two_ready(&world).await;
    let dev = environment(&world, "dev", 1).await;
    for bundle in [&old, &old, &new, &old] {
        let promotion = promotion(&world, bundle, &dev).await;
        complete(&world, &promotion, "deployed").await.expect(200);
    }
    let state = world.get(&format!("{}/state", crate::bundles::path(&old))).await.expect(200);
    assert_eq!(state["environments"][0]["status"], "deployed");
    assert_eq!(status_of(&world, &new).await, "deployed");
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_created() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    let dev = environment(&world, "dev", 1).await;
    let unknown = "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff";
    let with = |member: &str, value: Value| {
        let mut new = of(&one, &dev);
        new[member] = value;
        new
    };
    let rows = world.rows().await;
    for (new, status, code, field) in [
        (json!({ "targetEnvironmentId": dev["id"] }), 400, "invalid_field", "releaseId"),
        (json!({ "releaseId": one["id"] }), 400, "invalid_field", "targetEnvironmentId"),
        (with("releaseId", json!("a")), 400, "invalid_field", "releaseId"),
        (with("reason", json!("")), 400, "invalid_field", "reason"),
        (with("environmentId", dev["id"].clone()), 400, "unknown_field", "environmentId"),
        (with("releaseId", json!(unknown)), 404, "not_found", "releaseId"),
        (with("targetEnvironmentId", json!(unknown)), 404, "not_found", "targetEnvironmentId"),
    ] {
        world.post(PLACE, new).await.refused(status, code, Some(field));
    }
    assert_eq!(world.rows().await, rows);
}

#[tokio::test]
async fn of_twenty_that_promote_to_an_environment_at_once_one_does() {
    let world = World::start().await;
    let bundles = two_ready(&world).await;
    let dev = environment(&world, "dev", 1).await;
    let answers = join_all((0..20).map(|n| ask(&world, &bundles[n % 2], &dev))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "stale_state", None);
    }
    let list = world.get(PLACE).await.expect(200);
    assert_eq!(list["meta"]["totalCount"], 1);
    let begun = text(&list["data"][0], "releaseId");
    for bundle in &bundles {
        let expected = if bundle["id"] == begun { "promoting" } else { "ready" };
        assert_eq!(status_of(&world, bundle).await, expected);
    }
}

#[tokio::test]
async fn twenty_to_as_many_environments_at_once_all_do() {
    let world = World::start().await;
    let [one, other] = two_ready(&world).await;
    let mut environments = Vec::new();
    for n in 0..20 {
        environments.push(gated(&world, &format!("e{n:02}"), 0).await);
    }
    let bundles = [&one, &other];
    let asked = environments.iter().enumerate().map(|(n, to)| ask(&world, bundles[n % 2], to));
    let promotions: Vec<_> =
        join_all(asked).await.into_iter().map(|answer| answer.expect(201)).collect();
    let total = async |query: &str| {
        let list = world.get(&format!("{PLACE}?{query}")).await.expect(200);
        list["meta"]["totalCount"].as_u64().unwrap()
    };
    assert_eq!((total("").await, total("status=in_progress").await), (20, 20));
    let ends = promotions.iter().enumerate().map(|(n, promotion)| {
        complete(&world, promotion, if n < 2 { "deployed" } else { "failed" })
    });
    join_all(ends).await.into_iter().for_each(|answer| drop(answer.expect(200)));
    assert_eq!((total("").await, total("status=in_progress").await), (20, 0));
    assert_eq!((total("status=deployed").await, total("status=failed").await), (2, 18));
    assert_eq!(total(&format!("releaseId={}", text(&one, "id"))).await, 10);
    let releases = world.get("/api/v1/releases?status=deployed").await.expect(200);
    assert_eq!(releases["meta"]["totalCount"], 2);
    assert_eq!(seen(&world, &promotions[0]).await["status"], "deployed");
    world.get(&path(&promotions[0], "/none")).await.refused(404, "no_such_route", None);
}

#[tokio::test]
async fn a_replay_is_refused_once_the_promotion_has_ended() {
    let world = World::start().await;
    let [one, _] = two_ready(&world).await;
    for (name, end, body) in [
        ("dev", "complete", json!({ "status": "deployed" })),
        ("test", "complete", json!({ "status": "failed" })),
        ("prod", "reject", json!({ "reason": "not yet" })),
    ] {
        let required = u32::from(name == "prod");
        let new = of(&one, &gated(&world, name, required).await);
        let asked = async || {
            let request = world.admin(Method::POST, PLACE).header("idempotency-key", name);
            TestResponse::to(request.json(&new)).await
        };
        let first = asked().await;
        let location = first.header("location").unwrap().to_owned();
        assert_eq!(asked().await.body, first.expect(201), "{name}");
        world.post(&format!("{location}/{end}"), body).await.expect(200);
        let rows = world.rows().await;
        asked().await.refused(409, "stale_state", Some("Idempotency-Key"));
        assert_eq!(world.rows().await, rows);
    }
}
