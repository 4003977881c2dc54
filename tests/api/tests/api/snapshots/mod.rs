//! `/v1/snapshots`

mod bundle;
mod config_get;
mod config_put;
mod generate;
mod generate_channel_follows;
mod get;
mod latest;
mod list;
mod stream_delete;
mod stream_list;

use jiff::Timestamp;
use slipway_signing::{Context, KeySet, verify};
use slipway_test_support::{EventDelivery, Options, TestClock, Value, World, json};

/// A stack on which nothing makes snapshots but requests, with a tenant that may have everything.
pub async fn world() -> World {
    on(&TestClock::default()).await
}

/// The same, whose clock is `test_clock`.
pub async fn on(test_clock: &TestClock) -> World {
    let options = Options {
        events: EventDelivery::Disabled,
        clock: test_clock.clock(),
        ..Options::ephemeral()
    };
    let world = World::with(options).await;
    world.tenant("tenant_acme", json!("*")).await;
    world
}

/// The signed manifest of a snapshot, verified.
pub async fn manifest(world: &World, snapshot: &Value) -> Value {
    let path = format!("/v1/snapshots/{}", snapshot["snapshot_id"].as_str().unwrap());
    let manifest = world.get(&path).await.expect(200);
    verified(world, &manifest).await;
    manifest
}

/// Makes sure that a manifest was signed by the deployment's key.
pub async fn verified(world: &World, manifest: &Value) {
    let keys: KeySet = serde_json::from_value(world.get("/v1/keys").await.expect(200)).unwrap();
    assert_eq!(verify(Context::Snapshot, manifest, &keys, Timestamp::now()), Ok(()));
}

/// The versions in a manifest, as `product channel version`.
pub fn contents(manifest: &Value) -> Vec<String> {
    let releases = manifest["releases"].as_array().unwrap().iter();
    let member = |release: &Value, name: &str| release[name].as_str().unwrap().to_owned();
    releases
        .map(|release| {
            ["product_id", "channel", "version"].map(|name| member(release, name)).join(" ")
        })
        .collect()
}

/// The newest manifest that `query` asks for.
pub async fn latest(world: &World, query: &str) -> Value {
    world.get(&format!("/v1/snapshots/latest?{query}")).await.expect(200)
}
