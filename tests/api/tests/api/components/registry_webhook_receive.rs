//! `POST /api/v1/webhooks/registry/{integrationId}`

use std::sync::Arc;
use std::time::Duration;

use slipway_test_scripted_server::{ScriptedRegistry, Then};
use slipway_test_support::{Method, TestResponse, Value, World, json, text};
use url::Url;

use super::{component_at, digest, of, path, synced, world};
use crate::assertions::{each, has_members};

/// The secret of the webhook of each integration here, but for one.
pub(super) const SECRET: &str = "4f1c0b7a93d24e5f8a6b";

/// Where the events of an integration go.
pub(super) fn place(integration: &Value) -> String {
    format!("/api/v1/webhooks/registry/{}", integration.as_str().unwrap())
}

/// A component whose registry is the one at `url`, and sends events.
pub(super) async fn notified(world: &World, name: &str, url: &Url) -> Value {
    let component = component_at(world, name, url).await;
    set_secret(world, &component["registryIntegrationId"], Some((name, SECRET))).await;
    component
}

/// Sets the secret of the webhook of an integration, in the file of this name.
pub(super) async fn set_secret(world: &World, integration: &Value, secret: Option<(&str, &str)>) {
    let path = format!("/api/v1/integrations/{}", integration.as_str().unwrap());
    let mut settings = world.get(&path).await.expect(200);
    let members = settings.as_object_mut().unwrap();
    members.retain(|name, _| ["name", "type", "endpoint", "auth"].contains(&name.as_str()));
    let reference = secret.map(|(name, value)| world.integration_secret(name, value));
    settings["webhookSecretRef"] = json!(reference);
    let set = world.put(&path, settings).await.expect(200);
    assert_eq!(set["webhookSecretRef"], json!(reference));
}

/// The answer to `body`, with this value of `Authorization`.
pub(super) async fn send(
    world: &World,
    place: &str,
    authorization: &str,
    body: &Value,
) -> TestResponse {
    let request = world.request(Method::POST, place).header("authorization", authorization);
    TestResponse::to(request.json(body)).await
}

/// What comes of the events of the registry of `component`.
async fn received(world: &World, component: &Value, body: &Value) -> Value {
    let bearer = format!("Bearer {SECRET}");
    send(world, &place(&component["registryIntegrationId"]), &bearer, body).await.expect(200)
}

/// An event of distribution.
fn event(action: &str, repository: &str, tag: &str) -> Value {
    json!({
        "id": "320678d8-ca14-430f-8bb6-4ca139cd83f7", "timestamp": "2026-01-15T09:30:00Z",
        "action": action,
        "target": {
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "size": 708, "length": 708, "repository": repository,
            "url": "http://registry/v2/x/manifests/y", "tag": tag,
        },
        "request": { "id": "6df24a34", "addr": "192.0.2.1", "method": "PUT" },
        "actor": {}, "source": { "addr": "registry:5000", "instanceID": "a53db899" },
    })
}

pub(super) fn pushes<'a>(tags: impl IntoIterator<Item = &'a str>) -> Value {
    let events = tags.into_iter().map(|tag| event("push", "myorg/api", tag));
    json!({ "events": events.collect::<Vec<_>>() })
}

pub(super) async fn versions(world: &World, component: &Value) -> Value {
    world.get(&format!("{}/versions?limit=200", path(component))).await.expect(200)
}

/// The audit events of syncs, newest first.
async fn syncs(world: &World) -> Vec<Value> {
    let events = world.get("/v1/audit/events?event_type=component.synced").await.expect(200);
    events["events"].as_array().unwrap().clone()
}

fn came_of(pushed: u64, added: u64, left: u64) -> Value {
    json!({ "pushed": pushed, "added": added, "left": left })
}

#[tokio::test]
async fn a_pushed_tag_is_what_the_registry_says_and_not_what_the_event_does() {
    let registry = ScriptedRegistry::start([("v1.0.0".to_owned(), 1)]).await;
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let mut push = pushes(["v1.0.0"]);
    // Somebody has made it up.
    push["events"][0]["target"]["digest"] = json!(digest(666));
    let answer = received(&world, &api, &push).await;
    has_members(&answer, &["pushed", "added", "left"]);
    assert_eq!(answer, came_of(1, 1, 0));
    let found = versions(&world, &api).await;
    let told = ["tag", "digest", "semver", "channel", "pushedAt"].map(|name| &found[0][name]);
    assert_eq!(json!(told), json!(["v1.0.0", digest(1), "1.0.0", "stable", null]));

    assert_eq!(received(&world, &api, &push).await, came_of(1, 0, 0));
    assert_eq!((versions(&world, &api).await, syncs(&world).await.len()), (found.clone(), 1));
    registry.tag("v1.0.0", 2);
    assert_eq!(received(&world, &api, &push).await, came_of(1, 1, 0), "it has moved");
    let now = versions(&world, &api).await;
    assert_eq!(each(&now, "digest"), [digest(2), digest(1)]);
    assert_eq!(now[1], found[0], "the old one stays");
    // A tag that the registry does not have is none, whatever the event says.
    assert_eq!(received(&world, &api, &pushes(["v9.0.0"])).await, came_of(1, 0, 0));

    let events = syncs(&world).await;
    assert_eq!(events.len(), 2);
    let integration = api["registryIntegrationId"].as_str().unwrap();
    assert_eq!(text(&events[0], "actor"), format!("registry-webhook:{integration}"));
    assert_eq!(events[0]["actor_name"], "api", "the name of the integration");
    let counts = [&events[0]["before"]["versionMaps"], &events[0]["after"]["versionMaps"]];
    assert_eq!(json!(counts), json!([1, 2]));
}

/// distribution sends its event before it moves the tag.
#[tokio::test]
async fn an_event_that_comes_before_the_tag_has_moved_is_waited_for() {
    let registry = Arc::new(ScriptedRegistry::start([("v1.0.0".to_owned(), 1)]).await);
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    for (tag, number) in [("v1.0.0", 2), ("v2.0.0", 3)] {
        let mut push = pushes([tag]);
        push["events"][0]["target"]["digest"] = json!(digest(number));
        let moving = Arc::clone(&registry);
        let moved = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(500)).await;
            moving.tag(tag, number);
        });
        assert_eq!(received(&world, &api, &push).await, came_of(1, 1, 0), "{tag}");
        moved.await.unwrap();
        assert_eq!(versions(&world, &api).await[0]["digest"], digest(number), "{tag}");
    }
}

/// Docker Hub: <https://docs.docker.com/docker-hub/repos/manage/webhooks/>. Harbor, in both its
/// formats:
/// <https://goharbor.io/docs/main/working-with-projects/project-configuration/configure-webhooks/>.
#[tokio::test]
async fn each_registrys_own_form_is_understood() {
    let registry = ScriptedRegistry::start((0..5).map(|n| (format!("v1.0.{n}"), n))).await;
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let artifact = |tag: &str, number| {
        json!({
            "resources": [{
                "digest": digest(number), "tag": tag, "resource_url": "hub.harbor.com/myorg/api:x",
            }],
            "repository": {
                "date_created": 1_586_922_308, "name": "api", "namespace": "myorg",
                "repo_full_name": "myorg/api", "repo_type": "private",
            },
        })
    };
    let docker_hub = json!({
        "callback_url": "https://registry.hub.docker.com/u/myorg/api/hook/2141b5bi5i5b02bec211i/",
        "push_data": { "pushed_at": 1_417_566_161, "pusher": "trustedbuilder", "tag": "v1.0.2" },
        "repository": {
            "comment_count": 0, "date_created": 1_417_494_799, "description": "", "star_count": 0,
            "full_description": "API", "is_official": false, "is_private": true,
            "is_trusted": true, "name": "api", "namespace": "myorg", "owner": "myorg",
            "repo_name": "myorg/api", "repo_url": "https://registry.hub.docker.com/u/myorg/api/",
            "status": "Active",
        },
    });
    let harbor = json!({
        "type": "PUSH_ARTIFACT", "occur_at": 1_586_922_308, "operator": "admin",
        "event_data": artifact("v1.0.3", 3),
    });
    let cloud_event = json!({
        "specversion": "1.0", "id": "66e18103-09c1-41f6-982f-37df223f3eeb",
        "requestid": "51c0b694-0168-4f3c-b0db-282565455d7b",
        "source": "/projects/2/webhook/policies/15", "type": "harbor.artifact.pushed",
        "datacontenttype": "application/json", "time": "2023-04-03T06:04:46Z",
        "data": artifact("v1.0.4", 4), "operator": "harbor-jobservice",
    });
    for (media_type, body) in [
        ("application/vnd.docker.distribution.events.v1+json", pushes(["v1.0.0"])),
        ("application/vnd.docker.distribution.events.v2+json", pushes(["v1.0.1"])),
        ("application/json", docker_hub),
        ("application/json", harbor),
        ("application/cloudevents+json", cloud_event),
    ] {
        let request = world
            .request(Method::POST, &place(&api["registryIntegrationId"]))
            .header("authorization", SECRET)
            .header("content-type", media_type)
            .body(body.to_string());
        let answer = TestResponse::to(request).await.expect(200);
        assert_eq!(answer, came_of(1, 1, 0), "{body}");
    }
    let found = versions(&world, &api).await;
    assert_eq!(each(&found, "tag"), ["v1.0.4", "v1.0.3", "v1.0.2", "v1.0.1", "v1.0.0"]);
    assert_eq!(each(&found, "digest"), [4, 3, 2, 1, 0].map(digest));
}

#[tokio::test]
async fn what_is_no_push_of_a_tag_of_a_component_does_nothing() {
    let registry = ScriptedRegistry::start([("v1.0.0".to_owned(), 1)]).await;
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let mut untagged = event("push", "myorg/api", "");
    untagged["target"].as_object_mut().unwrap().remove("tag");
    for (event, pushed) in [
        (event("push", "myorg/unknown", "v1.0.0"), 1),
        (event("push", "library/myorg/api", "v1.0.0"), 1),
        (event("push", "MyOrg/api", "v1.0.0"), 0),
        (event("push", "../myorg/api", "v1.0.0"), 0),
        (event("push", "myorg/api", &digest(1)), 0),
        (event("pull", "myorg/api", "v1.0.0"), 0),
        (event("delete", "myorg/api", "v1.0.0"), 0),
        (event("mount", "myorg/api", "v1.0.0"), 0),
        (untagged, 0),
    ] {
        let body = json!({ "events": [event] });
        assert_eq!(received(&world, &api, &body).await, came_of(pushed, 0, 0), "{body}");
    }
    for kind in ["UPLOAD_CHART", "PULL_ARTIFACT", "REPLICATION", "harbor.scan.completed"] {
        let body = json!({ "type": kind, "event_data": { "replication": {} } });
        assert_eq!(received(&world, &api, &body).await, came_of(0, 0, 0));
    }
    assert_eq!(registry.asked(), 0);
    assert_eq!((versions(&world, &api).await, syncs(&world).await.len()), (json!([]), 0));
}

#[tokio::test]
async fn each_component_that_has_the_repository_gets_the_tag_and_no_other_registrys_does() {
    let (here, there) = (("v1.0.0".to_owned(), 1), ("v1.0.0".to_owned(), 2));
    let (registry, other) =
        (ScriptedRegistry::start([here]).await, ScriptedRegistry::start([there]).await);
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let elsewhere = notified(&world, "elsewhere", &other.url()).await;
    let twin = of("twin", text(&api, "registryIntegrationId"));
    let twin = world.post(super::PLACE, twin).await.expect(201);
    assert_eq!(received(&world, &api, &pushes(["v1.0.0"])).await, came_of(1, 2, 0));
    assert_eq!(registry.asked(), 1, "a tag is asked about once");
    for component in [&api, &twin] {
        assert_eq!(each(&versions(&world, component).await, "digest"), [digest(1)]);
    }
    assert_eq!(versions(&world, &elsewhere).await, json!([]));
    assert_eq!(syncs(&world).await.len(), 2, "one for each component");
}

#[tokio::test]
async fn of_1000_events_in_one_body_100_tags_are_looked_at_and_a_doubled_tag_is_one() {
    let tags: Vec<_> = (0..500).map(|n| format!("build-{n:03}")).collect();
    let numbered = tags.iter().cloned().zip(0..);
    let registry = ScriptedRegistry::start(numbered).await;
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let doubled = tags.iter().chain(&tags).map(String::as_str);
    let body = pushes(doubled);
    assert_eq!(body["events"].as_array().unwrap().len(), 1000);
    assert_eq!(received(&world, &api, &body).await, came_of(500, 100, 400));
    assert_eq!(registry.asked(), 100);
    let events = syncs(&world).await;
    assert_eq!(events.len(), 1, "one event for a delivery");
    assert_eq!(events[0]["after"]["versionMaps"], 100);
    let sync = format!("{}/sync-versions", path(&api));
    let rest = world.post(&sync, json!({})).await.expect(200);
    assert_eq!(rest["synced"], 400, "a sync finds what was left");
    let too_long = pushes(std::iter::repeat_n("v1.0.0", 4000));
    let answer = send(&world, &place(&api["registryIntegrationId"]), SECRET, &too_long).await;
    answer.refused(413, "body_too_large", None);
}

#[tokio::test]
async fn a_registry_that_fails_is_502_and_what_it_told_before_is_stored() {
    let tags: Vec<_> = (0..12).map(|n| format!("v1.0.{n:02}")).collect();
    let registry = ScriptedRegistry::start(tags.iter().cloned().zip(0..)).await;
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let push = pushes(tags.iter().map(String::as_str));
    // As many as are asked about at once: it tells of all of them, and fails for the next one.
    registry.set_patience(8, Then::Failure);
    let place = place(&api["registryIntegrationId"]);
    let failed = send(&world, &place, SECRET, &push).await;
    failed.refused(502, "registry_unavailable", None);
    assert!(!failed.body.to_string().contains(SECRET), "{:#}", failed.body);
    let stored = versions(&world, &api).await;
    let mut stored = each(&stored, "tag");
    stored.sort_unstable();
    assert_eq!(stored, tags[..8]);
    assert_eq!(syncs(&world).await[0]["after"]["versionMaps"], 8);
    registry.set_patience(usize::MAX, Then::Failure);
    let again = received(&world, &api, &push).await;
    assert_eq!(again, came_of(12, 4, 0), "the registry sends them once more");
    // What the registry keeps back, as after a scan, is passed over.
    registry.set_patience(0, Then::Status("412 Precondition Failed", ""));
    assert_eq!(received(&world, &api, &pushes(["v1.0.03"])).await, came_of(1, 0, 0));
    registry.set_patience(0, Then::Status("401 Unauthorized", ""));
    let failed = send(&world, &place, SECRET, &pushes(["v1.0.03"])).await;
    failed.refused(502, "registry_unavailable", None);
}

#[tokio::test]
async fn a_sync_that_has_to_go_on_goes_on_where_it_would_have() {
    let registry = ScriptedRegistry::start((0..9).map(|n| (format!("v1.0.{n}"), n))).await;
    let world = world().await;
    let api = notified(&world, "api", &registry.url()).await;
    let sync = format!("{}/sync-versions", path(&api));
    registry.set_patience(6, Then::Failure);
    world.post(&sync, json!({ "forceRefresh": true })).await.refused(
        502,
        "registry_unavailable",
        None,
    );
    let before = versions(&world, &api).await.as_array().unwrap().len();
    assert!((1..9).contains(&before), "{before}");
    registry.set_patience(usize::MAX, Then::Failure);
    registry.tag("v2.0.0", 20);
    assert_eq!(received(&world, &api, &pushes(["v2.0.0"])).await, came_of(1, 1, 0));
    registry.set_patience(usize::MAX, Then::Failure);
    world.post(&sync, json!({ "forceRefresh": true })).await.expect(200);
    assert_eq!(registry.asked(), 10 - before, "those that it was done with are not asked about");
    assert_eq!(versions(&world, &api).await.as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_body_of_no_known_form_is_refused_with_those_that_are_known() {
    let world = world().await;
    let registry = ScriptedRegistry::start([]).await;
    let api = notified(&world, "api", &registry.url()).await;
    let here = place(&api["registryIntegrationId"]);
    for (body, field) in [
        (json!({}), None),
        (json!([]), None),
        (json!({ "ref": "refs/heads/main", "repository": { "full_name": "a/b" } }), None),
        (json!({ "events": {} }), Some("events")),
        (
            json!({ "events": [{ "action": "push", "target": { "tag": 1 } }] }),
            Some("events[0].target.tag"),
        ),
        (json!({ "push_data": { "tag": "latest" } }), Some("repository")),
        (json!({ "type": "PUSH_ARTIFACT" }), Some("event_data")),
    ] {
        let answer = send(&world, &here, SECRET, &body).await;
        assert_eq!(answer.body["error"]["field"].as_str(), field, "{body}: {:#}", answer.body);
        answer.refused(400, "invalid_field", field);
    }
    let answer = send(&world, &here, SECRET, &json!({ "ref": "x" })).await;
    let message = text(&answer.body["error"], "message");
    assert!(message.contains("`push_data`") && message.contains("`event_data`"), "{message}");
    let request = world.request(Method::POST, &here).header("authorization", SECRET);
    let request = request.header("content-type", "application/json").body("{\"events\":[");
    TestResponse::to(request).await.refused(400, "malformed_json", Some("events"));
    let request = world.request(Method::POST, &here).header("authorization", SECRET);
    let request = request.header("content-type", "text/plain").body("{}");
    TestResponse::to(request).await.refused(415, "unsupported_media_type", Some("Content-Type"));
    synced(&world, &api, &[("v1.0.0", 1)]).await;
    assert_eq!(registry.asked(), 0);
}
