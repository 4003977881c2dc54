//! Snapshots that nobody asked for, that many ask for at once, and that end.

mod clock;
mod fan_out;
mod races;
mod retention;
mod unused;
mod wiring;

use slipway_test_support::{
    EventDelivery, Options, TestClock, Value, World, every_entry, json, perform,
};

/// A stack on which no job runs by itself, with a tenant that may have everything and a product.
async fn world(test_clock: &TestClock) -> World {
    let options = Options {
        events: EventDelivery::Disabled,
        clock: test_clock.clock(),
        ..Options::ephemeral()
    };
    let world = World::with(options).await;
    world.tenant("tenant_acme", json!("*")).await;
    world.product("prod_app").await;
    world
}

/// What the list of snapshots has, oldest first.
async fn snapshots(world: &World, tenant: &str) -> Vec<Value> {
    let path = format!("/v1/snapshots?tenant_id={tenant}");
    let get = async |path: String| world.get(&path).await.expect(200);
    let mut all = every_entry(&path, "snapshots", get).await;
    all.reverse();
    all
}

/// EventBridge's tick for the job `name`.
async fn tick(world: &World, name: &str) {
    perform(&world.stack.services, name, json!({})).await.0.unwrap();
}
