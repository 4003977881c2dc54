//! `POST /api/v1/components/{id}/sync-versions`

use slipway_test_container_registry::{Access, DebianRegistry, OciLayout};
use slipway_test_scripted_server::{Reply, ScriptedRegistry, Server, Then};
use slipway_test_support::{Value, World, json, text};

use super::{PLACE, VERSION_MAP, component_at, digest, of, path, world};
use crate::assertions::{each, has_members};

fn tags(count: u64) -> impl Iterator<Item = (String, u64)> {
    (0..count).map(|n| (format!("v1.0.{n}"), n))
}

async fn synced(world: &World, component: &Value, body: Value) -> Value {
    world.post(&format!("{}/sync-versions", path(component)), body).await.expect(200)
}

#[tokio::test]
async fn a_sync_answers_what_it_has_added_and_the_next_one_what_is_new() {
    let (world, registry) = (world().await, ScriptedRegistry::start(tags(25)).await);
    registry.tag("latest", 24);
    let api = component_at(&world, "api", &registry.url()).await;
    let first = synced(&world, &api, json!({ "forceRefresh": true })).await;
    has_members(&first, &["synced", "versions", "complete"]);
    assert_eq!((&first["synced"], &first["complete"]), (&json!(26), &json!(true)));
    let latest = &first["versions"][0];
    has_members(latest, VERSION_MAP);
    let told = ["tag", "digest", "semver", "channel", "pushedAt"].map(|name| latest[name].clone());
    assert_eq!(json!(told), json!(["latest", digest(24), null, null, null]));
    assert_eq!(latest["createdBy"], "bootstrap");

    let again = json!({ "synced": 0, "versions": [], "complete": true });
    assert_eq!(synced(&world, &api, json!({})).await, again);
    registry.tag("latest", 30);
    registry.tag("v2.0.0-rc.1", 31);
    let new = synced(&world, &api, json!({ "forceRefresh": false })).await;
    assert_eq!(each(&new["versions"], "tag"), ["v2.0.0-rc.1"], "a known tag is not looked at");
    let moved = synced(&world, &api, json!({ "forceRefresh": true })).await;
    assert_eq!(each(&moved["versions"], "digest"), [digest(30)]);
    let listed = world.get(&format!("{}/versions?channel=rc", path(&api))).await.expect(200);
    assert_eq!(listed[0], new["versions"][0]);
}

#[tokio::test]
async fn a_registry_that_fails_is_502_and_what_was_there_stays() {
    let (world, registry) = (world().await, ScriptedRegistry::start(tags(5)).await);
    let api = component_at(&world, "api", &registry.url()).await;
    synced(&world, &api, json!({})).await;
    let sync = format!("{}/sync-versions", path(&api));
    let versions = world.get(&format!("{}/versions", path(&api))).await.expect(200);
    registry.set_patience(0, Then::Failure);
    let failed = world.post(&sync, json!({ "forceRefresh": true })).await;
    failed.refused(502, "registry_unavailable", None);
    for garbage in ["<html>", "{\"tags\":1}"] {
        let reply =
            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{garbage}", garbage.len());
        let server = Server::start(move |_| Reply::raw(&reply)).await;
        let name = format!("garbage-{}", garbage.len());
        let other = component_at(&world, &name, &server.url("/")).await;
        let failed = world.post(&format!("{}/sync-versions", path(&other)), json!({})).await;
        failed.refused(502, "registry_unavailable", None);
    }
    let now = world.get(&format!("{}/versions", path(&api))).await.expect(200);
    assert_eq!(now, versions);
}

#[tokio::test]
async fn a_repository_that_the_registry_does_not_have_is_422_and_named() {
    let world = world().await;
    let server =
        Server::start(|_| Reply::raw("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n")).await;
    let api = component_at(&world, "api", &server.url("/")).await;
    let refused = world.post(&format!("{}/sync-versions", path(&api)), json!({})).await;
    refused.refused(422, "unresolvable_component", None);
    let details = &refused.body["error"]["details"];
    assert_eq!((&details["component"], &details["componentId"]), (&json!("api"), &api["id"]));
    assert!(text(details, "reason").contains("myorg/api"), "{details}");
}

#[tokio::test]
async fn it_reads_a_real_registry() {
    let Some(debian) = DebianRegistry::start(Access::Open) else { return };
    let (world, layout) = (world().await, OciLayout::empty());
    let one = layout.image("one");
    debian.push(&layout, "myorg/api:v1.0.0");
    let index = layout.index("two");
    debian.push(&layout, "myorg/api:v1.1.0");
    let api = component_at(&world, "api", &debian.url()).await;
    let answer = synced(&world, &api, json!({ "forceRefresh": true })).await;
    assert_eq!(each(&answer["versions"], "digest"), [one, index]);
}

#[tokio::test]
async fn it_reads_a_real_registry_that_asks_for_name_and_password() {
    let Some(debian) = DebianRegistry::start(Access::Basic) else { return };
    let (world, layout) = (world().await, OciLayout::empty());
    let one = layout.image("one");
    debian.push(&layout, "myorg/api:v1.0.0");
    for (name, password) in [("right", "pass:word"), ("wrong", "pass:ward")] {
        let directory = world.stack.settings.secret_directory.as_deref().unwrap();
        std::fs::write(directory.join(name), format!("user:{password}")).unwrap();
        let new = json!({
            "name": name, "type": "registry.oci",
            "endpoint": debian.url().origin().ascii_serialization(),
            "auth": { "mode": "basic", "secretRef": format!("file:{name}") },
        });
        let integration = world.post("/api/v1/integrations", new).await.expect(201);
        let api = world.post(PLACE, of(name, text(&integration, "id"))).await.expect(201);
        let answer = world.post(&format!("{}/sync-versions", path(&api)), json!({})).await;
        if name == "right" {
            assert_eq!(each(&answer.expect(200)["versions"], "digest"), [one.as_str()]);
        } else {
            answer.refused(502, "registry_unavailable", None);
            let told = answer.body.to_string();
            assert!(!told.contains(password) && told.contains("credentials"), "{told}");
        }
    }
}

#[tokio::test]
async fn a_body_without_end_is_502_and_what_was_told_before_it_stays() {
    let world = world().await;
    let start = "HTTP/1.1 200 OK\r\n\r\n{\"tags\":[\"v1";
    let endless = Server::start(|_| Reply::Endless { start, byte: b'1' }).await;
    let api = component_at(&world, "endless-list", &endless.url("/")).await;
    let refused = world.post(&format!("{}/sync-versions", path(&api)), json!({})).await;
    refused.refused(502, "registry_unavailable", None);
    let message = text(&refused.body["error"], "message");
    assert!(message.contains("4194304"), "{message}");

    // A registry that tells no digest has its manifests read.
    let manifests = Server::answering(|head| {
        let ok = |headers: &str, body: &str| {
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n");
            Reply::raw(&(head + body))
        };
        match head.split(' ').nth(1).unwrap_or_default() {
            path if path.contains("/tags/list") => ok("", r#"{"tags":["v1.0.0","v1.1.0"]}"#),
            path if path.ends_with("v1.0.0") => {
                ok(&format!("docker-content-digest: {}\r\n", digest(1)), "")
            }
            _ if head.starts_with("HEAD") => ok("", ""),
            _ => Reply::Endless { start: "HTTP/1.1 200 OK\r\n\r\n{", byte: b' ' },
        }
    })
    .await;
    let api = component_at(&world, "endless-manifest", &manifests.url("/")).await;
    let refused = world.post(&format!("{}/sync-versions", path(&api)), json!({})).await;
    refused.refused(502, "registry_unavailable", None);
    let kept = world.get(&format!("{}/versions", path(&api))).await.expect(200);
    assert_eq!(each(&kept, "tag"), ["v1.0.0"]);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_no_registry_is_asked() {
    let (world, registry) = (world().await, ScriptedRegistry::start(tags(1)).await);
    let api = component_at(&world, "api", &registry.url()).await;
    let sync = format!("{}/sync-versions", path(&api));
    for (body, code, field) in [
        (json!({ "forceRefresh": "yes" }), "invalid_field", "forceRefresh"),
        (json!({ "force_refresh": true }), "unknown_field", "force_refresh"),
    ] {
        world.post(&sync, body).await.refused(400, code, Some(field));
    }
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff/sync-versions");
    world.post(&unknown, json!({})).await.refused(404, "not_found", None);
    assert_eq!(registry.asked(), 0);
}

#[tokio::test]
async fn an_integration_that_a_component_names_is_not_deleted_and_one_that_is_none_not_named() {
    let (world, registry) = (world().await, ScriptedRegistry::start(tags(1)).await);
    let api = component_at(&world, "api", &registry.url()).await;
    let integration = format!("/api/v1/integrations/{}", text(&api, "registryIntegrationId"));
    world.delete(&integration).await.refused(409, "stale_state", None);
    world.delete(&path(&api)).await.expect(204);
    world.delete(&integration).await.expect(204);
    let refused = world.post(PLACE, of("api", text(&api, "registryIntegrationId"))).await;
    refused.refused(422, "unknown_integration", Some("registryIntegrationId"));
}
