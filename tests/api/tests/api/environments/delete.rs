//! `DELETE /api/v1/environments/{id}`

use slipway_test_support::{Value, World, json, text};

use super::{PLACE, environment, path};
use crate::bundles::{bundle, deploy, path as bundle_path, versioned};

#[tokio::test]
async fn an_environment_that_is_deleted_is_gone_and_its_name_is_free() {
    let world = World::start().await;
    let gone = environment(&world, "dev", 1).await;
    world.delete(&path(&gone)).await.expect(204);
    world.get(&path(&gone)).await.refused(404, "not_found", None);
    world.delete(&path(&gone)).await.refused(404, "not_found", None);
    assert_eq!(world.get(PLACE).await.expect(200)["meta"]["totalCount"], 0);
    assert_ne!(environment(&world, "dev", 1).await["id"], gone["id"]);
}

/// An environment, and a release bundle that is deployed there and deprecated.
async fn deployed(world: &World) -> [Value; 2] {
    let api = versioned(world, "api").await;
    let [dev, bundle] =
        [environment(world, "dev", 1).await, bundle(world, "a", &api, "2.0.0").await];
    deploy(world, &bundle, &dev).await;
    world.post(&format!("{}/deprecate", bundle_path(&bundle)), json!({})).await.expect(200);
    world.delete(&bundle_path(&bundle)).await.refused(409, "stale_state", None);
    [dev, bundle]
}

/// Where the row is that tells what is deployed in an environment.
fn deployment(environment: &Value) -> (String, String) {
    ("DEPLOYMENTS".to_owned(), format!("ID#{}", text(environment, "id")))
}

#[tokio::test]
async fn what_is_deployed_in_an_environment_is_forgotten_with_it() {
    let world = World::start().await;
    let [dev, bundle] = deployed(&world).await;
    assert!(world.rows().await.contains_key(&deployment(&dev)));
    world.delete(&path(&dev)).await.expect(204);
    assert!(!world.rows().await.contains_key(&deployment(&dev)));
    world.delete(&bundle_path(&bundle)).await.expect(204);
}

#[tokio::test]
async fn what_is_told_of_an_environment_that_is_gone_is_in_nobodys_way() {
    let world = World::start().await;
    let [dev, bundle] = deployed(&world).await;
    // As an environment leaves it that was deleted before its deployment was deleted with it.
    let left = (deployment(&dev).0, "ID#left".to_owned());
    world.copy_row(&deployment(&dev), std::slice::from_ref(&left)).await;
    world.delete(&path(&dev)).await.expect(204);
    assert!(world.rows().await.contains_key(&left));
    let state = world.get(&format!("{}/state", bundle_path(&bundle))).await.expect(200);
    assert_eq!(state, json!({ "environments": [] }));
    world.delete(&bundle_path(&bundle)).await.expect(204);
}
