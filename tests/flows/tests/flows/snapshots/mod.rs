//! Snapshots that nobody asked for, that many ask for at once, and that end.

mod clock;
mod fan_out;
mod races;
mod retention;
mod wiring;

use slipway_test_support::{EventDelivery, Options, TestClock, Value, World, json, perform};

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
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world
            .get(&format!("/v1/snapshots?tenant_id={tenant}&limit=200{cursor}"))
            .await
            .expect(200);
        all.extend(page["snapshots"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    all.reverse();
    all
}

/// EventBridge's tick for the job `name`.
async fn tick(world: &World, name: &str) {
    perform(&world.stack.services, name, json!({})).await.0.unwrap();
}
