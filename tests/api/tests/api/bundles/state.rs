//! `GET /api/v1/releases/{id}/state`

use slipway_test_support::{World, json};

use super::{PLACE, bundle, deploy, path, versioned};
use crate::environments::environment;

#[tokio::test]
async fn each_environment_is_told_in_its_order() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let [one, other] =
        [bundle(&world, "a", &api, "1.9.0").await, bundle(&world, "b", &api, "2.0.0").await];
    let state = async |release| world.get(&format!("{}/state", path(release))).await.expect(200);
    assert_eq!(state(&one).await, json!({ "environments": [] }));
    let prod = environment(&world, "prod", 2).await;
    let dev = environment(&world, "dev", 1).await;
    deploy(&world, &one, &dev).await;
    deploy(&world, &one, &prod).await;
    deploy(&world, &other, &dev).await;
    let at = "2026-01-09T10:00:00Z";
    let entry = |environment: &slipway_test_support::Value, is_deployed: bool| {
        let mut entry = json!({
            "environmentId": environment["id"], "environmentName": environment["displayName"],
            "status": if is_deployed { "deployed" } else { "not_deployed" },
        });
        if is_deployed {
            entry["deployedAt"] = json!(at);
        }
        entry
    };
    let expected = json!({ "environments": [entry(&dev, false), entry(&prod, true)] });
    assert_eq!(state(&one).await, expected);
    let expected = json!({ "environments": [entry(&dev, true), entry(&prod, false)] });
    assert_eq!(state(&other).await, expected);
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff/state");
    world.get(&unknown).await.refused(404, "not_found", None);
}
