//! `POST /api/v1/releases/from-latest`

use slipway_test_support::{Value, World, json};

use super::{MEMBERS, PLACE, bundle, deploy, of, versioned};
use crate::assertions::{created, each, has_members};
use crate::components::{component, digest, synced};
use crate::environments::environment;

const LATEST: &str = "/api/v1/releases/from-latest";

#[tokio::test]
async fn all_components_come_at_the_latest_version_of_their_own_channel() {
    let world = World::start().await;
    let web = versioned(&world, "web").await;
    let api = versioned(&world, "api").await;
    let channel = json!({ "defaultChannel": "rc" });
    world.put(&crate::components::path(&web), channel).await.expect(200);
    let release = created(world.post(LATEST, json!({ "name": "latest" })).await, PLACE, "id");
    has_members(&release, MEMBERS);
    assert_eq!((&release["status"], &release["displayName"]), (&json!("draft"), &json!("latest")));
    assert_eq!(each(&release["components"], "componentName"), ["api", "web"]);
    assert_eq!(each(&release["components"], "digest"), [digest(3), digest(4)]);
    let rc = json!({ "name": "rc", "channel": "rc", "componentIds": [api["id"]] });
    let release = world.post(LATEST, rc).await.expect(201);
    assert_eq!(each(&release["components"], "digest"), [digest(4)]);
}

#[tokio::test]
async fn the_others_are_pinned_to_what_is_deployed() {
    let world = World::start().await;
    let [api, web] = [versioned(&world, "api").await, versioned(&world, "web").await];
    let both =
        of("one", &[(&api, json!({ "version": "1.9.0" })), (&web, json!({ "version": "1.9.0" }))]);
    let both = world.post(PLACE, both).await.expect(201);
    let dev = environment(&world, "dev", 1).await;
    let ask = |name: &str, ids: Value| {
        let pin = json!({ "environmentId": dev["id"] });
        json!({ "name": name, "channel": "stable", "componentIds": ids, "pinFrom": pin })
    };
    let nothing = world.post(LATEST, ask("two", json!([api["id"]]))).await;
    nothing.refused(409, "stale_state", Some("pinFrom.environmentId"));
    deploy(&world, &both, &dev).await;
    let release = world.post(LATEST, ask("two", json!([api["id"]]))).await.expect(201);
    assert_eq!(each(&release["components"], "componentName"), ["api", "web"]);
    assert_eq!(each(&release["components"], "digest"), [digest(3), digest(1)]);
    assert_eq!(release["components"][1], both["components"][1]);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_created() {
    let world = World::start().await;
    world.post(LATEST, json!({ "name": "a" })).await.refused(409, "stale_state", None);
    let api = versioned(&world, "api").await;
    let unknown = "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff";
    let pin = |id: &str| json!({ "name": "a", "componentIds": [api["id"]], "pinFrom": { "environmentId": id } });
    let ids = |ids: Value| json!({ "name": "a", "componentIds": ids });
    for (body, status, code, field) in [
        (ids(json!([])), 400, "invalid_field", "componentIds"),
        (ids(json!([api["id"], api["id"]])), 400, "invalid_field", "componentIds[1]"),
        (ids(json!([api["id"], unknown])), 404, "not_found", "componentIds[1]"),
        (pin(unknown), 404, "not_found", "pinFrom.environmentId"),
        (json!({ "name": "a", "pinFrom": {} }), 400, "invalid_field", "pinFrom.environmentId"),
        (json!({ "name": "a", "channel": "edge" }), 422, "unresolvable_component", "componentIds"),
        (json!({ "name": "a", "versions": [] }), 400, "unknown_field", "versions"),
    ] {
        world.post(LATEST, body).await.refused(status, code, Some(field));
    }
    let empty = component(&world, "empty").await;
    let refused = world.post(LATEST, json!({ "name": "a" })).await;
    refused.refused(422, "unresolvable_component", Some("componentIds"));
    assert_eq!(refused.body["error"]["details"]["componentId"], empty["id"]);
    synced(&world, &empty, &[("v1.0.0", 1)]).await;
    world.post(LATEST, json!({ "name": "a" })).await.expect(201);
    let taken = world.post(LATEST, json!({ "name": "a" })).await;
    taken.refused(409, "name_exists", Some("name"));
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 1);
    bundle(&world, "b", &api, "2.0.0").await;
}
