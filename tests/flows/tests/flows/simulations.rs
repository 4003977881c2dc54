//! What others change while a simulation reads is no part of the change that it simulates.

use std::sync::Arc;

use slipway_edge::Services;
use slipway_test_support::{EventDelivery, Method, Options, TestClock, Value, World, json};

use crate::interleaving::{Change, interleaved};

async fn world(clock: &TestClock) -> World {
    let events = EventDelivery::Disabled;
    World::with(Options { events, clock: clock.clock(), ..Options::ephemeral() }).await
}

/// Simulates a change that tells nobody anything else, and publishes a release between any two
/// calls.
async fn stays_out_of(change: impl Fn(&Value) -> Value) {
    let clock = TestClock::default();
    let world = world(&clock).await;
    let client = |version| json!({ "product_id": "prod_app", "current_version": version });
    for at in 1.. {
        let product = format!("prod_{at}");
        world.product(&product).await;
        let older = world.release(&product, "1.0.0").await;
        world.release(&product, "1.1.0").await;
        let newer = World::release_of(&product, "2.0.0", "stable", &world.external(1).await);
        let request = world.admin(Method::POST, "/v1/releases").json(&newer);
        let publication: Change = Box::pin(async move {
            let response = request.send().await.unwrap();
            assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        });
        let mut clients = [client("0.9.0"), client("1.1.0"), client("1.5.0")];
        for client in &mut clients {
            client["product_id"] = json!(product);
        }
        let body = json!({ "change": change(&older), "clients": clients });
        let call = world.call("decision-simulate", "/v1/decision/simulate").json(&body);
        let simulate = async |services: Arc<Services>| call.on(&services).await.0.expect(200);
        let Some(told) = interleaved((&world, &clock), at, publication, simulate).await else {
            assert!(at > 3, "are calls still counted?");
            break;
        };
        assert_eq!(told["changed"], json!(0), "call {at}: {told}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_meanwhile_is_no_part_of_a_revocation() {
    stays_out_of(|older| json!({ "revoke": { "release_id": older["release_id"] } })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_meanwhile_is_no_part_of_a_rollout() {
    let rollout = json!({ "percent": 5 });
    stays_out_of(
        |older| json!({ "rollout": { "release_id": older["release_id"], "rollout": rollout } }),
    )
    .await;
}
