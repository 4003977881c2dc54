//! `POST /api/v1/components`

use futures::future::join_all;
use slipway_test_support::{World, json, text};

use super::{MEMBERS, PLACE, integration, of};
use crate::assertions::has_members;

#[tokio::test]
async fn a_component_is_answered_as_the_seed_shows_it() {
    let world = World::start().await;
    let integration = integration(&world).await;
    let new = json!({
        "name": "api",
        "displayName": "API Service",
        "imageRepository": "myorg/api",
        "registryIntegrationId": integration,
        "versioningStrategy": "semver",
        "defaultChannel": "stable",
    });
    let created = world.post(PLACE, new.clone()).await.expect(201);
    has_members(&created, MEMBERS);
    for (member, value) in new.as_object().unwrap() {
        assert_eq!(&created[member], value, "{member}");
    }
    assert_eq!(created["createdAt"], created["updatedAt"]);
    assert!(text(&created, "createdAt").ends_with('Z'));
    assert_eq!(created["createdBy"], "bootstrap");
}

#[tokio::test]
async fn what_is_left_out_has_its_default() {
    let world = World::start().await;
    let created = world.post(PLACE, of("api", &integration(&world).await)).await.expect(201);
    let expected = [("displayName", "api"), ("versioningStrategy", "semver")];
    for (member, value) in expected.into_iter().chain([("defaultChannel", "stable")]) {
        assert_eq!(text(&created, member), value);
    }
}

#[tokio::test]
async fn of_fifty_that_want_a_name_at_once_one_gets_it() {
    let world = World::start().await;
    let integration = integration(&world).await;
    let all = (0..50).map(|_| world.post(PLACE, of("api", &integration)));
    let answers = join_all(all).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    for refused in answers.into_iter().filter(|answer| answer.status != 201) {
        refused.refused(409, "name_exists", Some("name"));
    }
    assert_eq!(world.get(PLACE).await.expect(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_created() {
    let world = World::start().await;
    let right = of("api", &integration(&world).await);
    for (member, value, code) in [
        ("name", json!("API"), "invalid_field"),
        ("imageRepository", json!("MyOrg/api"), "invalid_field"),
        ("imageRepository", json!("registry.example.com:5000/api"), "invalid_field"),
        ("registryIntegrationId", json!("uuid"), "invalid_field"),
        ("versioningStrategy", json!("calver"), "invalid_field"),
        ("defaultChannel", json!("Stable!"), "invalid_field"),
        ("displayName", json!(""), "invalid_field"),
        ("image_repository", json!("myorg/api"), "unknown_field"),
    ] {
        let mut wrong = right.clone();
        wrong[member] = value;
        world.post(PLACE, wrong).await.refused(400, code, Some(member));
    }
    for member in ["name", "imageRepository", "registryIntegrationId"] {
        let mut without = right.clone();
        without.as_object_mut().unwrap().remove(member);
        world.post(PLACE, without).await.refused(400, "invalid_field", Some(member));
    }
    assert_eq!(world.get(PLACE).await.expect(200), json!([]));
}
