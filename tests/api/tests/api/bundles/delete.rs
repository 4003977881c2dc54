//! `DELETE /api/v1/releases/{id}`

use slipway_test_support::{World, json};

use super::{PLACE, bundle, deploy, path, versioned};
use crate::environments::environment;

#[tokio::test]
async fn a_draft_that_is_deleted_is_gone_and_its_name_is_free() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let gone = bundle(&world, "a", &api, "2.0.0").await;
    world.delete(&path(&gone)).await.expect(204);
    world.get(&path(&gone)).await.refused(404, "not_found", None);
    world.delete(&path(&gone)).await.refused(404, "not_found", None);
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 0);
    assert_ne!(bundle(&world, "a", &api, "2.0.0").await["id"], gone["id"]);
}

#[tokio::test]
async fn what_is_ready_or_deployed_somewhere_is_kept() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let [one, other] =
        [bundle(&world, "a", &api, "2.0.0").await, bundle(&world, "b", &api, "2.0.0").await];
    world.put(&path(&one), json!({ "status": "ready" })).await.expect(200);
    world.delete(&path(&one)).await.refused(409, "stale_state", None);
    let dev = environment(&world, "dev", 1).await;
    deploy(&world, &one, &dev).await;
    world.post(&format!("{}/deprecate", path(&one)), json!({})).await.expect(200);
    let refused = world.delete(&path(&one)).await;
    refused.refused(409, "stale_state", None);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("`dev`"));
    deploy(&world, &other, &dev).await;
    world.delete(&path(&one)).await.expect(204);
}
