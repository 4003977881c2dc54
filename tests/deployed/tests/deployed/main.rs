//! The main job on the deployed stack, a scenario a file. Each scenario has products, tenants and
//! tokens of its own, so that they run beside each other.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on has to say so at once"
)]

mod access;
mod bytes;
mod containers;
mod fixtures;
mod jobs;
mod mirror;
mod policies;
mod publishing;
mod snapshots;
mod tls_front;
mod uploads;
mod verifier;
mod webhooks;

use slipway_tests_deployed::Stack;

#[tokio::test]
async fn it_is_healthy_and_says_what_it_is() {
    let Some(stack) = Stack::find() else { return };
    let anybody = stack.api.as_anybody();
    assert_eq!(anybody.get("/health").await["status"], "ok");
    for path in ["/live", "/ready", "/openapi.json"] {
        anybody.get(path).await;
    }
    let keys = anybody.get("/v1/keys").await;
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "{keys}");
    anybody.refused("/v1/nothing", serde_json::json!({}), "no_such_route").await;
}
