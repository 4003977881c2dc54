//! `POST /api/v1/version-maps`

use slipway_test_scripted_server::{ScriptedRegistry, Then};
use slipway_test_support::{Method, TestResponse, World, json, text};

use super::{VERSION_MAP, VERSION_MAPS, component_at, digest, path, world};
use crate::assertions::has_members;

#[tokio::test]
async fn a_tag_gets_the_version_and_channel_that_are_said_and_the_digest_that_the_registry_has() {
    let (world, registry) = (world().await, ScriptedRegistry::start([]).await);
    registry.tag("build-77", 7);
    let api = component_at(&world, "api", &registry.url()).await;
    let new = json!({
        "componentId": api["id"], "tag": "build-77", "semver": "2.3.1", "channel": "stable"
    });
    let created = world.post(VERSION_MAPS, new.clone()).await;
    let place = format!("{VERSION_MAPS}?componentId={}", text(&api, "id"));
    assert_eq!(created.header("location"), Some(place.as_str()));
    let created = created.expect(201);
    has_members(&created, VERSION_MAP);
    for member in ["componentId", "tag", "semver", "channel"] {
        assert_eq!(created[member], new[member], "{member}");
    }
    assert_eq!((text(&created, "digest"), &created["pushedAt"]), (&*digest(7), &json!(null)));
    assert_eq!(world.get(&place).await.expect(200), json!([created]));
    let versions = format!("{}/versions?channel=stable", path(&api));
    assert_eq!(world.get(&versions).await.expect(200), json!([created]));
}

#[tokio::test]
async fn without_version_and_channel_the_tag_tells_them() {
    let (world, registry) = (world().await, ScriptedRegistry::start([]).await);
    let api = component_at(&world, "api", &registry.url()).await;
    for (tag, semver, channel) in [
        ("v1.2.3", json!("1.2.3"), json!("stable")),
        ("1.3.0-rc.1", json!("1.3.0-rc.1"), json!("rc")),
        ("latest", json!(null), json!(null)),
    ] {
        registry.tag(tag, 1);
        let new = json!({ "componentId": api["id"], "tag": tag });
        let created = world.post(VERSION_MAPS, new).await.expect(201);
        assert_eq!((&created["semver"], &created["channel"]), (&semver, &channel), "{tag}");
    }
}

#[tokio::test]
async fn a_tag_that_the_registry_does_not_have_is_422_and_names_the_component_and_why() {
    let (world, registry) = (world().await, ScriptedRegistry::start([]).await);
    let api = component_at(&world, "api", &registry.url()).await;
    let new = json!({ "componentId": api["id"], "tag": "v9.9.9" });
    let refused = world.post(VERSION_MAPS, new.clone()).await;
    refused.refused(422, "unresolvable_component", Some("tag"));
    let details = &refused.body["error"]["details"];
    assert_eq!((&details["component"], &details["componentId"]), (&json!("api"), &api["id"]));
    assert!(text(details, "reason").contains("v9.9.9"));
    registry.tag("v9.9.9", 1);
    registry.set_patience(0, Then::Failure);
    let failed = world.post(VERSION_MAPS, new).await;
    failed.refused(502, "registry_unavailable", None);
    assert_eq!(world.get(VERSION_MAPS).await.expect(200), json!([]));
}

#[tokio::test]
async fn a_repetition_with_its_key_is_answered_the_same_and_adds_nothing() {
    let (world, registry) = (world().await, ScriptedRegistry::start([]).await);
    registry.tag("v1.0.0", 1);
    let api = component_at(&world, "api", &registry.url()).await;
    let new = json!({ "componentId": api["id"], "tag": "v1.0.0" });
    let send = async |world: &World| {
        let request = world.admin(Method::POST, VERSION_MAPS).header("idempotency-key", "once");
        TestResponse::to(request.json(&new)).await
    };
    let first = send(&world).await.expect(201);
    registry.tag("v1.0.0", 2);
    let again = send(&world).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.expect(201), first);
    assert_eq!(world.get(VERSION_MAPS).await.expect(200), json!([first]));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (world, registry) = (world().await, ScriptedRegistry::start([]).await);
    let api = component_at(&world, "api", &registry.url()).await;
    let right = json!({ "componentId": api["id"], "tag": "v1.0.0" });
    for (member, value, code) in [
        ("componentId", json!("uuid"), "invalid_field"),
        ("tag", json!("a b"), "invalid_field"),
        ("semver", json!("1.0"), "invalid_field"),
        ("channel", json!("Stable"), "invalid_field"),
        ("digest", json!(digest(1)), "unknown_field"),
    ] {
        let mut wrong = right.clone();
        wrong[member] = value;
        world.post(VERSION_MAPS, wrong).await.refused(400, code, Some(member));
    }
    let unknown = json!({ "componentId": "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff", "tag": "v1" });
    world.post(VERSION_MAPS, unknown).await.refused(404, "not_found", None);
    assert_eq!(registry.asked(), 0);
}
