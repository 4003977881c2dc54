//! `PUT /api/v1/components/{id}`

use slipway_test_support::{World, json};

use super::{PLACE, component, path};
use crate::assertions::each;

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::start().await;
    let before = component(&world, "api").await;
    let change = json!({ "displayName": "API", "defaultChannel": "beta", "name": null });
    let after = world.put(&path(&before), change).await.expect(200);
    assert_eq!((&after["displayName"], &after["defaultChannel"]), (&json!("API"), &json!("beta")));
    for same in ["id", "name", "imageRepository", "registryIntegrationId", "createdAt"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(world.get(&path(&before)).await.expect(200), after);
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let world = World::start().await;
    let before = component(&world, "api").await;
    let rows = world.rows().await;
    for change in [json!({}), json!({ "name": "api", "imageRepository": "myorg/api" })] {
        assert_eq!(world.put(&path(&before), change).await.expect(200), before);
    }
    assert_eq!(world.rows().await, rows);
}

#[tokio::test]
async fn a_name_that_is_given_up_is_free_and_one_that_is_taken_is_refused() {
    let world = World::start().await;
    let (first, second) = (component(&world, "a").await, component(&world, "b").await);
    let refused = world.put(&path(&second), json!({ "name": "a" })).await;
    refused.refused(409, "name_exists", Some("name"));
    world.put(&path(&first), json!({ "name": "c" })).await.expect(200);
    world.put(&path(&second), json!({ "name": "a" })).await.expect(200);
    assert_eq!(each(&world.get(PLACE).await.expect(200), "name"), ["a", "c"]);
}

#[tokio::test]
async fn a_repository_may_change_as_long_as_there_are_no_versions() {
    let world = World::start().await;
    let before = component(&world, "api").await;
    let change = json!({ "imageRepository": "myorg/team/api" });
    let after = world.put(&path(&before), change).await.expect(200);
    assert_eq!(after["imageRepository"], "myorg/team/api");
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let world = World::start().await;
    let before = component(&world, "api").await;
    for (change, code, field) in [
        (json!({ "versioningStrategy": "manual" }), "invalid_field", "versioningStrategy"),
        (json!({ "imageRepository": "" }), "invalid_field", "imageRepository"),
        (json!({ "id": "x" }), "unknown_field", "id"),
    ] {
        world.put(&path(&before), change).await.refused(400, code, Some(field));
    }
    assert_eq!(world.get(&path(&before)).await.expect(200), before);
}
