//! `GET /v1/releases/{release_id}/history`

use slipway_test_support::{Call, Method};
use slipway_test_support::{TestResponse, Value, World, json, release_path, text};

use crate::assertions::has_members;

/// A draft that was changed in every way, and revoked in the end.
async fn eventful(world: &World) -> Value {
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    let artifacts = World::release_of("", "", "", &world.external(1).await)["artifacts"].clone();
    let path = |rest: &str| release_path(&draft, rest);
    world.post(&path("/artifacts"), json!({ "artifacts": artifacts })).await.expect(200);
    let rollout =
        json!({ "steps": [{ "percent": 10, "after": "0s" }, { "percent": 50, "after": "1h" }] });
    world.post(&path("/publish"), json!({ "rollout": rollout })).await.expect(200);
    world.patch(&path(""), json!({ "metadata": { "release_notes": "Faster." } })).await.expect(200);
    world.put(&path("/rollout"), json!({ "paused": true })).await.expect(200);
    world.put(&path("/rollout"), json!({ "paused": true })).await.expect(200);
    world.revoke(&draft).await;
    draft
}

fn changes(answer: &Value) -> Vec<Value> {
    answer["changes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_change_is_there_with_what_it_changed_newest_first() {
    let world = World::start().await;
    let release = eventful(&world).await;
    let history = changes(&world.get(&release_path(&release, "/history")).await.expect(200));
    for change in &history {
        let members = ["event_id", "event_type", "actor", "at", "changed", "status", "rollout"];
        has_members(change, &members);
        assert_eq!(change["actor"], "bootstrap");
    }
    let told: Vec<(&str, Value)> = history
        .iter()
        .map(|change| (text(change, "event_type"), change["changed"].clone()))
        .collect();
    let expected = [
        ("release.revoked", json!(["reason", "revoked_at", "revoked_by", "status"])),
        ("release.rollout_changed", json!(["rollout"])),
        ("release.updated", json!(["metadata"])),
        ("release.published", json!(["published_at", "rollout", "status"])),
        ("release.artifacts_added", json!(["artifacts"])),
        ("release.drafted", json!([])),
    ];
    assert_eq!(told, expected);
    let at = |change| text(change, "at").parse::<jiff::Timestamp>().unwrap();
    let times: Vec<_> = history.iter().map(at).collect();
    assert!(times.is_sorted_by(|later, earlier| later >= earlier), "{times:?}");
    let [revoked, paused, updated, published, _, drafted] = &history[..] else { panic!() };
    assert_eq!(revoked["status"], json!({ "from": "published", "to": "revoked" }));
    assert_eq!((&revoked["rollout"], &updated["status"]), (&json!(null), &json!(null)));
    assert_eq!(paused["rollout"]["from"]["paused"], false);
    assert_eq!(paused["rollout"]["to"]["paused"], true);
    assert_eq!(paused["rollout"]["to"]["steps"], published["rollout"]["to"]["steps"]);
    assert_eq!(published["rollout"]["from"], json!({ "basis_points": 10_000, "paused": false }));
    assert_eq!(published["rollout"]["to"]["basis_points"], 1000);
    assert_eq!(drafted["status"], json!({ "from": null, "to": "draft" }));
    assert_eq!(drafted["rollout"]["from"], json!(null));
}

#[tokio::test]
async fn pages_together_are_the_history() {
    let world = World::start().await;
    let release = eventful(&world).await;
    let path = release_path(&release, "/history");
    let all = changes(&world.get(&path).await.expect(200));
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("{path}?limit=4{cursor}")).await.expect(200);
        found.extend(changes(&page));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, all);
}

#[tokio::test]
async fn it_is_the_vendor_s() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.tenant("tenant_acme", json!("*")).await;
    let draft = world.draft("prod_app", "2.0.0").await;
    let live = world.release("prod_app", "1.0.0").await;
    let token = json!({ "name": "t", "scopes": ["releases:read"], "tenant_id": "tenant_acme" });
    let token = world.post("/v1/tokens", token).await.expect(201);
    let history = async |release: &Value| {
        let call = Call::new("release-history", release_path(release, "/history"));
        call.bearer(text(&token, "secret")).on(&world.stack.services).await.0
    };
    history(&live).await.refused(403, "forbidden", None);
    history(&draft).await.refused(404, "not_found", None);
    let missing = "/v1/releases/rel_none/history";
    world.get(missing).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn it_is_deleted_with_a_draft_however_long_it_is() {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    for share in 0..95 {
        let rollout = json!({ "basis_points": share });
        world.put(&release_path(&draft, "/rollout"), rollout).await.expect(200);
    }
    let rows = async || {
        let of_release = |(pk, _): &(String, String)| pk.starts_with("RELEASE#");
        world.rows().await.into_keys().filter(of_release).count()
    };
    assert_eq!(rows().await, 97, "its pointer, its creation and 95 changes");
    let deleted = TestResponse::to(world.admin(Method::DELETE, &release_path(&draft, ""))).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(rows().await, 0);
}

#[tokio::test]
async fn the_newest_entry_is_what_the_release_is_however_many_change_it_at_once() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.publish("prod_app", "1.0.0", "stable").await;
    let path = release_path(&release, "/rollout");
    for round in 0..3 {
        let share = |number: u32| json!({ "basis_points": 1 + round * 100 + number });
        let changes = (0..12).map(|number| world.put(&path, share(number)));
        for change in futures::future::join_all(changes).await {
            change.expect(200);
        }
        let stands = world.get(&release_path(&release, "")).await.expect(200);
        let newest = world.get(&release_path(&release, "/history?limit=1")).await.expect(200);
        assert_eq!(newest["changes"][0]["rollout"]["to"], stands["rollout"]);
    }
    world.stack.stop().await;
}
