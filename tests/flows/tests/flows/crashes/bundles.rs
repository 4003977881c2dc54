//! Release bundles.

use futures::FutureExt;
use slipway_test_support::{Value, World, json, text};

use super::{Action, Keys, OnRepeat, Scenario, play};

/// Where release bundles are.
const PLACE: &str = "/api/v1/releases";

const BUNDLE_CREATE: Scenario = Scenario::new("bundle-create", |world, number| {
    async move {
        let new = new_bundle(world, number).await;
        Action::Call(world.call("bundle-create", PLACE).json(&new))
    }
    .boxed()
})
.again(OnRepeat::Refused(409, "name_exists"));

const BUNDLE_UPDATE: Scenario = Scenario::new("bundle-update", |world, number| {
    async move {
        let path = path(&bundle(world, number).await);
        let other = world.component(&format!("other-{number}")).await;
        let components = json!([{ "componentId": other["id"], "channel": "stable" }]);
        let change = json!({ "components": components, "status": "ready" });
        Action::Call(world.call("bundle-update", path).json(&change))
    }
    .boxed()
})
.again(OnRepeat::Refused(409, "stale_state"));

const BUNDLE_DEPRECATE: Scenario = Scenario::new("bundle-deprecate", |world, number| {
    async move {
        let path = path(&bundle(world, number).await) + "/deprecate";
        Action::Call(world.call("bundle-deprecate", path))
    }
    .boxed()
});

const BUNDLE_DELETE: Scenario = Scenario::new("bundle-delete", |world, number| {
    async move {
        let path = path(&bundle(world, number).await);
        Action::Call(world.call("bundle-delete", path))
    }
    .boxed()
})
.again(OnRepeat::Refused(404, "not_found"));

async fn new_bundle(world: &World, number: u64) -> Value {
    let mut components = Vec::new();
    for name in ["api", "web"] {
        let component = world.component(&format!("{name}-{number}")).await;
        components.push(json!({ "componentId": component["id"], "version": "1.0.0" }));
    }
    // The first bundle of all begins the list and the row of uses; the others add to them.
    let first = json!({ "name": format!("first-{number}"), "components": components });
    world.post(PLACE, first).await.expect(201);
    json!({ "name": format!("release-{number}"), "components": components })
}

async fn bundle(world: &World, number: u64) -> Value {
    world.post(PLACE, new_bundle(world, number).await).await.expect(201)
}

fn path(bundle: &Value) -> String {
    format!("{PLACE}/{}", text(bundle, "id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_release_bundles_old_or_new() {
    let scenarios = [BUNDLE_CREATE, BUNDLE_UPDATE, BUNDLE_DEPRECATE, BUNDLE_DELETE];
    play(&scenarios, Keys::None, 40).await.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_them_old_or_new_with_an_idempotency_key_too() {
    play(&[BUNDLE_CREATE], Keys::Sent, 18).await.stack.stop().await;
}
