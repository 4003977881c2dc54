//! `/v1/decision`

mod decide;
mod decide_artifacts;
mod decide_binding;
mod decide_channel_follows;
mod decide_emulation;
mod decide_history;
mod decide_input;
mod decide_os_version;
mod decide_policies;
mod decide_policy_channel;
mod decide_policy_levels;
mod decide_rollout;
mod decide_room;
mod decide_stepping_stones;
mod explain;
pub mod outcome;
mod simulate;
mod simulate_changes;
mod simulate_input;

use slipway_test_support::{Method, TestResponse, Value, World, json};

/// Decides about one installed product: `prod_app` at 1.0.0, changed by `changes`.
pub async fn ask(world: &World, changes: Value) -> Value {
    let mut product = json!({ "product_id": "prod_app", "current_version": "1.0.0" });
    product.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    decide(world, json!({ "products": [product] })).await["decisions"][0].clone()
}

/// As installed clients ask: without a credential.
pub async fn decide(world: &World, body: Value) -> Value {
    TestResponse::to(world.request(Method::POST, "/v1/decision").json(&body)).await.expect(200)
}

pub async fn with_product() -> World {
    let world = World::start().await;
    world.product("prod_app").await;
    world
}
