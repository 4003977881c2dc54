//! Releases that rest on what others change before they are written: on the release that is promoted.

use reqwest::Method;
use slipway_test_support::{Call, TestClock, TestResponse, Value, World, json, release_path};

use crate::interleaving::{Change, change, interleaved};

/// What `call` is answered where `change` is made before its call number `at`.
async fn overtaken(world: &World, at: u64, change: Change, call: Call) -> Option<TestResponse> {
    let answer = async |services| call.on(&services).await.0;
    interleaved((world, &TestClock::default()), at, change, answer).await
}

async fn live(world: &World, product: &str) -> Value {
    let live = world.get(&format!("/v1/products/{product}/releases?status=published")).await;
    live.expect(200)["releases"].clone()
}

/// What becomes of a release while it is promoted: the operation, what it is asked, and what the
/// promotion is answered then.
const OF_A_SOURCE: [(Method, &str, &str, u16); 4] = [
    (Method::POST, "/revoke", r#"{"reason": "it crashes"}"#, 409),
    (Method::PATCH, "", r#"{"metadata": {"release_notes": "Faster."}}"#, 201),
    (Method::PATCH, "", r#"{"halt_on": {"failure_basis_points": 500, "min_reports": 50}}"#, 201),
    (Method::PUT, "/rollout", r#"{"percent": 10}"#, 201),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promoted_is_the_release_as_it_is_when_the_promotion_is_written() {
    let world = World::start().await;
    let artifact = world.external(1).await;
    for (number, (method, rest, body, status)) in OF_A_SOURCE.into_iter().enumerate() {
        for at in 1.. {
            let product = format!("prod_source-{number}-{at}");
            world.product(&product).await;
            let new = World::release_of(&product, "1.0.0", "stable", &artifact);
            let source = world.post("/v1/releases", new).await.expect(201);
            let body: Value = serde_json::from_str(body).unwrap();
            let send = world.admin(method.clone(), &release_path(&source, rest)).json(&body);
            let call = world.call("release-promote", release_path(&source, "/promote"));
            let call = call.json(&json!({ "channel": "beta" }));
            let Some(response) = overtaken(&world, at, change(send), call).await else {
                assert!(at > 5, "{rest}: {at}: are calls still counted?");
                break;
            };
            if status == 409 {
                response.refused(409, "stale_state", None);
                assert_eq!(live(&world, &product).await, json!([]), "call {at}");
                continue;
            }
            let promoted = response.expect(status);
            let source = world.get(&release_path(&source, "")).await.expect(200);
            for member in ["metadata", "halt_on"] {
                assert_eq!(promoted[member], source[member], "{rest} {member}: call {at}");
            }
        }
    }
    world.stack.stop().await;
}
