//! `PUT /api/v1/environments/{id}`

use slipway_test_support::{World, json};

use super::{PLACE, environment, path};
use crate::assertions::each;

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let world = World::start().await;
    let before = environment(&world, "prod", 2).await;
    let change = json!({ "name": "production", "isProduction": true, "displayName": null });
    let after = world.put(&path(&before), change).await.expect(200);
    assert_eq!((&after["name"], &after["isProduction"]), (&json!("production"), &json!(true)));
    for same in ["id", "displayName", "orderIndex", "requiredApprovals", "createdAt"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(world.get(&path(&before)).await.expect(200), after);
}

#[tokio::test]
async fn a_name_that_is_given_up_is_free_and_one_that_is_taken_is_refused() {
    let world = World::start().await;
    let (first, second) = (environment(&world, "a", 1).await, environment(&world, "b", 2).await);
    let refused = world.put(&path(&second), json!({ "name": "a" })).await;
    refused.refused(409, "name_exists", Some("name"));
    world.put(&path(&first), json!({ "name": "c" })).await.expect(200);
    world.put(&path(&second), json!({ "name": "a" })).await.expect(200);
    environment(&world, "b", 3).await;
    let list = world.get(PLACE).await.expect(200);
    assert_eq!(each(&list["data"], "name"), ["c", "a", "b"]);
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let world = World::start().await;
    let before = environment(&world, "prod", 2).await;
    for (change, code, field) in [
        (json!({ "requiredApprovals": 4 }), "invalid_field", "requiredApprovals"),
        (json!({ "name": "" }), "invalid_field", "name"),
        (json!({ "id": "x" }), "unknown_field", "id"),
    ] {
        world.put(&path(&before), change).await.refused(400, code, Some(field));
    }
    assert_eq!(world.get(&path(&before)).await.expect(200), before);
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let world = World::start().await;
    let created = environment(&world, "prod", 2).await;
    let before = world.rows().await;
    for same in [json!({}), json!({ "name": "prod", "orderIndex": 2, "isProduction": false })] {
        assert_eq!(world.put(&path(&created), same).await.expect(200), created);
    }
    assert_eq!(world.rows().await, before);
}
