//! `PUT /api/v1/integrations/{id}`

use slipway_test_support::{World, json};

use super::{PLACE, integration, path, settings};

#[tokio::test]
async fn an_integration_is_set_as_a_whole() {
    let world = World::start().await;
    let mut new = settings("hub");
    new["auth"] = json!({ "mode": "bearer", "secretRef": "file:token" });
    let before = world.post(PLACE, new).await.expect(201);
    let mut change = settings("github");
    change["type"] = json!("scm.github");
    change["endpoint"] = json!("https://api.github.com");
    let after = world.put(&path(&before), change).await.expect(200);
    assert_eq!(after["auth"], json!({ "mode": "none", "secretRef": null }));
    assert_eq!((&after["name"], &after["type"]), (&json!("github"), &json!("scm.github")));
    for same in ["id", "createdAt", "createdBy"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(world.get(&path(&before)).await.expect(200), after);
    // The name that was given up is free.
    integration(&world, "hub").await;
}

#[tokio::test]
async fn a_part_of_an_integration_is_none() {
    let world = World::start().await;
    let before = integration(&world, "hub").await;
    let part = world.put(&path(&before), json!({ "name": "other" })).await;
    part.refused(400, "invalid_field", Some("type"));
    integration(&world, "taken").await;
    let taken = world.put(&path(&before), settings("taken")).await;
    taken.refused(409, "name_exists", Some("name"));
    assert_eq!(world.get(&path(&before)).await.expect(200), before);
}
