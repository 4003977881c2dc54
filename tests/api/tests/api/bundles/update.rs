//! `PUT /api/v1/releases/{id}`

use slipway_test_support::{World, json, text};

use super::{PLACE, bundle, of, path, selected, versioned, with_registry};
use crate::assertions::each;
use crate::components::digest;

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::start().await;
    let before = bundle(&world, "a", &versioned(&world, "api").await, "2.0.0").await;
    let change = json!({ "displayName": "Updated Display Name", "metadata": { "key": "value" }, "status": "ready" });
    let after = world.put(&path(&before), change.clone()).await.expect(200);
    for (member, value) in change.as_object().unwrap() {
        assert_eq!(&after[member], value, "{member}");
    }
    let expected = with_registry(&before);
    for same in ["id", "name", "components", "sourceRef", "createdAt", "createdBy"] {
        assert_eq!(after[same], expected[same], "{same}");
    }
    assert_eq!(world.get(&path(&before)).await.expect(200), after);
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let before = bundle(&world, "a", &api, "2.0.0").await;
    let rows = world.rows().await;
    let same = selected(&[(&api, json!({ "version": "2.0.0" }))]);
    for change in
        [json!({}), json!({ "status": "draft", "metadata": {} }), json!({ "components": same })]
    {
        assert_eq!(world.put(&path(&before), change).await.expect(200), before);
    }
    assert_eq!(world.rows().await, rows);
}

#[tokio::test]
async fn the_components_of_a_draft_are_resolved_anew_as_a_whole() {
    let world = World::start().await;
    let [api, web, worker] = [
        versioned(&world, "api").await,
        versioned(&world, "web").await,
        versioned(&world, "worker").await,
    ];
    let two =
        of("a", &[(&api, json!({ "version": "1.9.0" })), (&web, json!({ "version": "1.9.0" }))]);
    let before = world.post(PLACE, two).await.expect(201);
    let new =
        selected(&[(&worker, json!({ "channel": "rc" })), (&api, json!({ "version": "2.0.0" }))]);
    let after = world.put(&path(&before), json!({ "components": new })).await.expect(200);
    assert_eq!(each(&after["components"], "componentName"), ["worker", "api"]);
    assert_eq!(each(&after["components"], "digest"), [digest(4), digest(3)]);
    let total = async |component| {
        let query = format!("{PLACE}?componentId={}", text(component, "id"));
        world.get(&query).await.expect(200)["meta"]["totalCount"].clone()
    };
    assert_eq!([total(&api).await, total(&web).await, total(&worker).await], [1, 0, 1]);
    world.delete(&crate::components::path(&web)).await.expect(204);
    let refused = world.delete(&crate::components::path(&worker)).await;
    refused.refused(409, "stale_state", None);
    let count = &world.get(PLACE).await.expect(200)["data"][0]["componentCount"];
    assert_eq!(count, &json!(2));
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let draft = bundle(&world, "a", &api, "2.0.0").await;
    let ready = bundle(&world, "b", &api, "2.0.0").await;
    let ready = world.put(&path(&ready), json!({ "status": "ready" })).await.expect(200);
    let long = json!({ "metadata": { "key": "x".repeat(4096) } });
    let other = selected(&[(&api, json!({ "version": "1.9.0" }))]);
    let missing = selected(&[(&api, json!({ "version": "9.9.9" }))]);
    for (release, change, status, code, field) in [
        (&draft, json!({ "status": "live" }), 400, "invalid_field", "status"),
        (&draft, json!({ "status": "deployed" }), 409, "stale_state", "status"),
        (&draft, json!({ "status": "deprecated" }), 409, "stale_state", "status"),
        (&ready, json!({ "status": "draft" }), 409, "stale_state", "status"),
        (&ready, json!({ "components": other }), 409, "stale_state", "components"),
        (&draft, json!({ "components": missing }), 422, "unresolvable_component", "components[0]"),
        (&draft, json!({ "components": [] }), 400, "invalid_field", "components"),
        (&draft, json!({ "metadata": { "key": 1 } }), 400, "invalid_field", "metadata.key"),
        (&draft, long, 400, "invalid_field", "metadata"),
        (&draft, json!({ "name": "c" }), 400, "unknown_field", "name"),
    ] {
        let shown = change.to_string();
        let refused = world.put(&path(release), change).await;
        assert_eq!(refused.status, status, "{shown}: {:#}", refused.body);
        refused.refused(status, code, Some(field));
        assert_eq!(&world.get(&path(release)).await.expect(200), release);
    }
}

#[tokio::test]
async fn a_deprecated_release_does_not_become_ready_again() {
    let world = World::start().await;
    let release = bundle(&world, "a", &versioned(&world, "api").await, "2.0.0").await;
    world.post(&format!("{}/deprecate", path(&release)), json!({})).await.expect(200);
    let refused = world.put(&path(&release), json!({ "status": "ready" })).await;
    refused.refused(409, "stale_state", Some("status"));
}
