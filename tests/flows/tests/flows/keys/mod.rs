//! Signing keys: one follows another, some are in KMS, and one may have to go at once.

mod kms;
mod rotation;

use jiff::{SignedDuration, Timestamp};
use slipway_aws::{Clients, Meter};
use slipway_catalog::{Deed, Table, Writer};
use slipway_domain::Fresh;
use slipway_domain::audit::EventType;
use slipway_domain::key::{KeyRing, SigningKey};
use slipway_edge::clock::entropy;
use slipway_signing::{Context, KeySet, Refused, verify};
use slipway_test_support::{Events, Hands, Options, Value, World, json};

/// A stack on which no job runs by itself, with a release and a tenant that may have it.
async fn world(hands: &Hands) -> World {
    let decision_cache = SignedDuration::ZERO;
    let world = World::with(Options { events: Events::Held, clock: hands.clock(), decision_cache, ..Options::ephemeral() }).await;
    world.post("/v1/tenants", json!({ "tenant_id": "tenant_acme", "name": "Acme", "products": "*" })).await.expect(201);
    world.product("prod_app").await;
    world.release("prod_app", "1.0.0").await;
    world
}

/// The deployer's way to the ring of `world`.
async fn change(world: &World, event: EventType, kid: &str, change: impl Fn(&KeyRing) -> slipway_domain::Result<Vec<SigningKey>>) {
    let client = Clients::local(&world.stack.local).dynamodb;
    let catalog = Writer::new(Table::new(client, &world.stack.settings.table, Meter::default()));
    let now = Timestamp::now();
    let (actor, request_id, base_url) = ("deployer".to_owned(), "test".to_owned(), String::new());
    let deed = Deed { now, actor, request_id, base_url, event_id: Fresh::fresh(now, entropy().unwrap()) };
    catalog.change_key_ring(change, event, kid, &deed).await.unwrap();
}

/// Adds `key` as the successor of those that are there.
async fn join(world: &World, key: &SigningKey, grace: SignedDuration) {
    change(world, EventType::KeyAdded, &key.kid, |ring| Ok(ring.joined(key.clone(), grace))).await;
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
fn judged(decision: &Value, keys: &KeySet, now: Timestamp) -> Result<(), Refused> {
    verify(Context::Decision, decision, keys, now)
}
