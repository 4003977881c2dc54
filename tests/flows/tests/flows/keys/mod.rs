//! Signing keys: one follows another, some are in KMS, and one may have to go at once.

mod kms;
mod opened_once;
mod rotation;

use jiff::{SignedDuration, Timestamp};
use slipway_signing::{Context, KeySet, VerifyError, verify};
use slipway_test_support::{EventDelivery, Options, TestClock, Value, World, json};

/// A stack on which no job runs by itself, with a release and a tenant that may have it.
async fn world(test_clock: &TestClock) -> World {
    let decision_cache = SignedDuration::ZERO;
    let world = World::with(Options {
        events: EventDelivery::Disabled,
        clock: test_clock.clock(),
        decision_cache,
        ..Options::ephemeral()
    })
    .await;
    world.tenant("tenant_acme", json!("*")).await;
    world.product("prod_app").await;
    world.release("prod_app", "1.0.0").await;
    world
}

/// What the API publishes.
async fn keys(world: &World) -> KeySet {
    serde_json::from_value(world.get("/v1/keys").await.expect(200)).unwrap()
}

async fn decision(world: &World) -> Value {
    let request = json!({ "products": [{ "product_id": "prod_app", "current_version": "0.1.0" }] });
    world.post("/v1/decision", request).await.expect(200)
}

/// What a verifier says of a decision.
fn judged(decision: &Value, keys: &KeySet, now: Timestamp) -> Result<(), VerifyError> {
    verify(Context::Decision, decision, keys, now)
}
