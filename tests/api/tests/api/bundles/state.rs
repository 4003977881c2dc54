//! `GET /api/v1/releases/{id}/state`

use slipway_test_support::{Value, World, json};

use super::{PLACE, bundle, deploy, path, versioned};
use crate::environments::environment;
use crate::promotions::{approve_as, approver, complete, gated, promotion};

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
    let in_prod = deploy(&world, &one, &prod).await;
    let in_dev = deploy(&world, &other, &dev).await;
    let entry = |environment: &Value, deployed_at: Option<&Value>| {
        let mut entry = json!({
            "environmentId": environment["id"], "environmentName": environment["displayName"],
            "status": if deployed_at.is_some() { "deployed" } else { "not_deployed" },
        });
        if let Some(deployed_at) = deployed_at {
            entry["deployedAt"] = deployed_at.clone();
        }
        entry
    };
    let expected = json!({ "environments": [entry(&dev, None), entry(&prod, Some(&in_prod))] });
    assert_eq!(state(&one).await, expected);
    let expected = json!({ "environments": [entry(&dev, Some(&in_dev)), entry(&prod, None)] });
    assert_eq!(state(&other).await, expected);
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff/state");
    world.get(&unknown).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn a_promotion_that_is_open_is_told_until_it_ends() {
    let world = World::start().await;
    let api = versioned(&world, "api").await;
    let [one, other] =
        [bundle(&world, "a", &api, "1.9.0").await, bundle(&world, "b", &api, "2.0.0").await];
    let [dev, prod] = [gated(&world, "dev", 0).await, gated(&world, "prod", 1).await];
    deploy(&world, &one, &dev).await;
    let told = async |release| {
        let state = world.get(&format!("{}/state", path(release))).await.expect(200);
        let environments = state["environments"].as_array().unwrap();
        let told: Vec<_> = environments.iter().map(|it| it["promotion"].clone()).collect();
        told
    };
    assert_eq!(told(&one).await, [Value::Null, Value::Null]);
    let begun = promotion(&world, &one, &dev).await;
    let waits = promotion(&world, &one, &prod).await;
    let expected = [&begun, &waits].map(|it| json!({ "id": it["id"], "status": it["status"] }));
    assert_eq!(told(&one).await, expected);
    assert_eq!(told(&other).await, [Value::Null, Value::Null]);
    let approver = approver(&world).await;
    approve_as(&world, &approver, &waits).await.expect(200);
    assert_eq!(told(&one).await[1]["status"], "in_progress");
    complete(&world, &begun, "failed").await.expect(200);
    complete(&world, &waits, "deployed").await.expect(200);
    assert_eq!(told(&one).await, [Value::Null, Value::Null]);
}
