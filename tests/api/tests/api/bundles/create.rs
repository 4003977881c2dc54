//! `POST /api/v1/releases`

use futures::future::join_all;
use slipway_test_support::{Value, World, json};

use super::{MEMBERS, PLACE, bundle, deploy, of, path, versioned, with_registry};
use crate::assertions::{created, each, has_members};
use crate::components::{component, digest, synced};

#[tokio::test]
async fn a_release_is_answered_as_the_seed_shows_it_and_found_at_its_place() {
    let world = World::start().await;
    let [api, web, worker] = [
        versioned(&world, "api").await,
        versioned(&world, "web").await,
        versioned(&world, "worker").await,
    ];
    let mut new = of(
        "myapp-v2.3.1",
        &[
            (&api, json!({ "version": "1.9.0" })),
            (&web, json!({ "digest": digest(4) })),
            (&worker, json!({ "channel": "stable" })),
        ],
    );
    new["displayName"] = json!("My App 2.3.1");
    new["sourceRef"] = json!({
        "scmIntegrationId": "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e25",
        "repository": "myorg/myapp", "branch": "main", "commitSha": "abc123",
    });
    let release = created(world.post(PLACE, new.clone()).await, PLACE, "id");
    has_members(&release, MEMBERS);
    for (member, value) in [
        ("name", json!("myapp-v2.3.1")),
        ("displayName", json!("My App 2.3.1")),
        ("status", json!("draft")),
        ("sourceRef", new["sourceRef"].clone()),
        ("metadata", json!({})),
        ("createdAt", release["updatedAt"].clone()),
    ] {
        assert_eq!(release[member], value, "{member}");
    }
    let first = json!({
        "componentId": api["id"], "componentName": "api", "imageRepository": "myorg/api",
        "version": "1.9.0", "tag": "v1.9.0", "digest": digest(1), "channel": "stable",
    });
    assert_eq!(release["components"][0], first);
    assert_eq!(each(&release["components"], "componentName"), ["api", "web", "worker"]);
    assert_eq!(each(&release["components"], "digest"), [digest(1), digest(4), digest(3)]);
    assert_eq!(world.get(&path(&release)).await.expect(200), release);
}

#[tokio::test]
async fn a_version_is_found_by_semver_and_then_by_its_very_tag() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    for (name, version, found) in [("a", "v1.10.0", 2), ("b", "1.10.0", 2), ("c", "latest", 3)] {
        let release = bundle(&world, name, &api, version).await;
        assert_eq!(release["components"][0]["digest"], digest(found), "{version}");
    }
    let unversioned = world.get(&format!("{PLACE}?page=1&pageSize=1")).await.expect(200);
    let latest = format!("{PLACE}/{}", unversioned["data"][0]["id"].as_str().unwrap());
    let latest = world.get(&latest).await.expect(200);
    let component = &latest["components"][0];
    assert_eq!((&component["version"], &component["tag"]), (&json!(null), &json!("latest")));
}

#[tokio::test]
async fn digests_never_change_whatever_becomes_of_the_tags() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let before = bundle(&world, "a", &api, "2.0.0").await;
    synced(&world, &api, &[("v2.0.0", 7), ("v2.2.0", 8)]).await;
    let renamed = json!({ "name": "backend", "defaultChannel": "beta" });
    world.put(&crate::components::path(&api), renamed).await.expect(200);
    world.put(&path(&before), json!({ "status": "ready" })).await.expect(200);
    let after = world.get(&path(&before)).await.expect(200);
    assert_eq!(after["components"], with_registry(&before)["components"]);
    assert_eq!(bundle(&world, "b", &api, "2.0.0").await["components"][0]["digest"], digest(7));
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_created() {
    let world = World::start().await;
    let [api, web] = [versioned(&world, "api").await, versioned(&world, "web").await];
    let first = json!({ "version": "2.0.0" });
    let by = |selection: Value| of("a", &[(&api, first.clone()), (&web, selection)]);
    let twice = of("a", &[(&api, first.clone()), (&api, json!({ "channel": "rc" }))]);
    let mut unknown = by(json!({ "version": "2.0.0" }));
    unknown["components"][1]["componentId"] = json!("0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff");
    let named = |name: &str| of(name, &[(&api, json!({ "version": "2.0.0" }))]);
    let sha = |sha: &str| {
        let mut new = named("a");
        new["sourceRef"] = json!({ "commitSha": sha });
        new
    };
    let rows = world.rows().await;
    for (new, status, code, field) in [
        (json!({ "name": "a", "components": [] }), 400, "invalid_field", "components"),
        (json!({ "name": "a" }), 400, "invalid_field", "components"),
        (named("A"), 400, "invalid_field", "name"),
        (sha("main"), 400, "invalid_field", "sourceRef.commitSha"),
        (by(json!({})), 400, "invalid_field", "components[1]"),
        (by(json!({ "version": "1.0.0", "channel": "rc" })), 400, "invalid_field", "components[1]"),
        (by(json!({ "digest": "sha256:1" })), 400, "invalid_field", "components[1].digest"),
        (by(json!({ "version": "a b" })), 400, "invalid_field", "components[1].version"),
        (by(json!({ "tag": "v1" })), 400, "unknown_field", "components[1].tag"),
        (twice, 400, "invalid_field", "components[1].componentId"),
        (unknown, 404, "not_found", "components[1]"),
    ] {
        let shown = new.to_string();
        let refused = world.post(PLACE, new).await;
        assert_eq!(refused.status, status, "{shown}: {:#}", refused.body);
        refused.refused(status, code, Some(field));
    }
    assert_eq!(world.rows().await, rows);
}

#[tokio::test]
async fn a_selection_that_means_nothing_is_422_and_tells_why() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let empty = component(&world, "empty").await;
    for (component, selection, why) in [
        (&api, json!({ "version": "9.9.9" }), "no version and no tag `9.9.9`"),
        (&api, json!({ "digest": digest(99) }), "none of its version maps has the digest"),
        (&api, json!({ "channel": "edge" }), "no version on the channel `edge`"),
        (&empty, json!({ "channel": "stable" }), "no version on the channel `stable`"),
    ] {
        let refused = world.post(PLACE, of("a", &[(component, selection)])).await;
        refused.refused(422, "unresolvable_component", Some("components[0]"));
        let details = &refused.body["error"]["details"];
        assert_eq!(details["componentId"], component["id"]);
        assert_eq!(details["component"], component["name"]);
        assert!(details["reason"].as_str().unwrap().contains(why), "{details}");
    }
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 0);
}

#[tokio::test]
async fn of_fifty_that_want_a_name_at_once_one_gets_it() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let new = of("a", &[(&api, json!({ "version": "2.0.0" }))]);
    let answers = join_all((0..50).map(|_| world.post(PLACE, new.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 201) {
        // Whoever has met too many others may try again; nobody else gets it.
        if answer.status != 503 {
            answer.refused(409, "name_exists", Some("name"));
        }
    }
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 1);
}

#[tokio::test]
async fn a_release_has_up_to_ninety_components_and_is_deleted_as_a_whole() {
    let world = World::start().await;
    let mut components = Vec::new();
    for n in 0..91 {
        let component = component(&world, &format!("c{n}")).await;
        synced(&world, &component, &[("v1.0.0", n)]).await;
        components.push(component);
    }
    let rows = world.rows().await.len();
    let selected = |count: usize| {
        let all: Vec<_> =
            components.iter().take(count).map(|it| (it, json!({ "version": "1.0.0" }))).collect();
        of("large", &all)
    };
    let refused = world.post(PLACE, selected(91)).await;
    refused.refused(400, "invalid_field", Some("components"));
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("at most 90"));
    let release = world.admin(slipway_test_support::Method::POST, PLACE).json(&selected(90));
    let release = release.header("idempotency-key", "k");
    let release = slipway_test_support::TestResponse::to(release).await.expect(201);
    assert_eq!(release["components"].as_array().unwrap().len(), 90);
    world.delete(&path(&release)).await.expect(204);
    // What is left: two audit events, the stored response, the segment of the list and the uses.
    assert_eq!(world.rows().await.len(), rows + 5);
}

#[tokio::test]
async fn a_component_that_a_release_has_can_not_be_deleted() {
    let world = World::start().await;
    let (api, web) = (versioned(&world, "api").await, versioned(&world, "web").await);
    let release = bundle(&world, "a", &api, "2.0.0").await;
    let refused = world.delete(&crate::components::path(&api)).await;
    refused.refused(409, "stale_state", None);
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(message.contains(release["id"].as_str().unwrap()), "{message}");
    world.delete(&crate::components::path(&web)).await.expect(204);
    world.delete(&path(&release)).await.expect(204);
    world.delete(&crate::components::path(&api)).await.expect(204);
}

#[tokio::test]
async fn of_a_release_and_the_deletion_of_its_component_one_wins() {
    let world = World::start().await;
    for round in 0..20 {
        let api = versioned(&world, &format!("api-{round}")).await;
        let other = versioned(&world, &format!("other-{round}")).await;
        let new = of(
            &format!("release-{round}"),
            &[(&api, json!({ "version": "2.0.0" })), (&other, json!({ "channel": "stable" }))],
        );
        let path = crate::components::path(&api);
        let (release, deleted) = tokio::join!(world.post(PLACE, new), world.delete(&path));
        let found = world.get(&path).await.status;
        match (release.status, deleted.status) {
            (201, 409) => assert_eq!(found, 200),
            (404 | 422, 204) => assert_eq!(found, 404),
            outcome => panic!("{outcome:?}: {:#} {:#}", release.body, deleted.body),
        }
    }
}

#[tokio::test]
async fn totals_are_right_while_twenty_create_and_delete() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let environment = crate::environments::environment(&world, "dev", 1).await;
    let (world, api) = (&world, &api);
    let write = async |writer: usize| {
        for n in 0..6 {
            let release = bundle(world, &format!("w{writer}-{n}"), api, "2.0.0").await;
            match n % 3 {
                0 => drop(world.delete(&path(&release)).await.expect(204)),
                1 => {
                    drop(
                        world.put(&path(&release), json!({ "status": "ready" })).await.expect(200),
                    );
                }
                _ => {}
            }
        }
    };
    join_all((0..20).map(write)).await;
    let total = async |query: &str| {
        let list = world.get(&format!("{PLACE}?{query}")).await.expect(200);
        list["meta"]["totalCount"].as_u64().unwrap()
    };
    assert_eq!(total("").await, 80);
    assert_eq!(total("status=draft").await, 40);
    assert_eq!(total("status=ready").await, 40);
    assert_eq!(total("status=deployed").await, 0);
    let of_api = format!("componentId={}", api["id"].as_str().unwrap());
    assert_eq!(total(&of_api).await, 80);
    assert_eq!(total(&format!("{of_api}&status=ready")).await, 40);
    let release = bundle(world, "deployed", api, "2.0.0").await;
    deploy(world, &release, &environment).await;
    assert_eq!((total("").await, total("status=deployed").await), (81, 1));
}
