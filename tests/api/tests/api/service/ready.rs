//! `GET /ready`

use slipway_test_support::{Method, World, json};

use super::anonymously;

#[tokio::test]
async fn a_deployment_that_can_serve_requests_says_so() {
    let world = World::start().await;
    let ready = anonymously(&world, Method::GET, "/ready").await;
    assert_eq!(ready.expect(200), json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
}
