//! `POST /api/v1/environments`

use slipway_test_support::{World, json, text};

use super::{MEMBERS, PLACE, path};
use crate::assertions::{created, has_members};

#[tokio::test]
async fn an_environment_is_created_as_asked_and_found_at_its_place() {
    let world = World::start().await;
    let body = json!({
        "name": "production", "displayName": "Production", "orderIndex": 3, "isProduction": true, "requiredApprovals": 2
    });
    let environment = created(world.post(PLACE, body).await, PLACE, "id");
    has_members(&environment, MEMBERS);
    assert_eq!(
        text(&environment, "id").split('-').map(str::len).collect::<Vec<_>>(),
        [8, 4, 4, 4, 12]
    );
    assert_eq!(environment["displayName"], "Production");
    assert_eq!(environment["createdBy"], "bootstrap");
    assert_eq!(world.get(&path(&environment)).await.expect(200), environment);
}

#[tokio::test]
async fn what_is_left_out_has_its_default() {
    let world = World::start().await;
    let environment = world.post(PLACE, json!({ "name": "dev" })).await.expect(201);
    assert_eq!(environment["displayName"], "dev");
    assert_eq!(environment["orderIndex"], 0);
    assert_eq!(environment["isProduction"], false);
    assert_eq!(environment["requiredApprovals"], 0);
}

#[tokio::test]
async fn of_fifty_that_want_a_name_one_gets_it() {
    let world = World::start().await;
    let wanted = (0..50).map(|_| world.post(PLACE, json!({ "name": "staging" })));
    let answers = futures::future::join_all(wanted).await;
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
async fn what_is_no_environment_is_refused_by_its_member() {
    let world = World::start().await;
    for (body, code, field) in [
        (json!({}), "invalid_field", "name"),
        (json!({ "name": "Production" }), "invalid_field", "name"),
        (json!({ "name": "a", "orderIndex": -1 }), "invalid_field", "orderIndex"),
        (json!({ "name": "a", "orderIndex": 10_001 }), "invalid_field", "orderIndex"),
        (json!({ "name": "a", "requiredApprovals": 4 }), "invalid_field", "requiredApprovals"),
        (json!({ "name": "a", "displayName": " a" }), "invalid_field", "displayName"),
        (json!({ "name": "a", "order_index": 1 }), "unknown_field", "order_index"),
    ] {
        world.post(PLACE, body).await.refused(400, code, Some(field));
    }
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 0);
}

#[tokio::test]
async fn there_are_at_most_a_hundred() {
    let world = World::start().await;
    for n in 0..100 {
        world.post(PLACE, json!({ "name": format!("env-{n}") })).await.expect(201);
    }
    let more = world.post(PLACE, json!({ "name": "one-more" })).await;
    more.refused(409, "limit_reached", None);
}
