//! `GET /health`

use slipway_test_support::{Method, World, json};

use super::anonymously;

#[tokio::test]
async fn a_deployment_that_works_says_so() {
    let world = World::start().await;
    let health = anonymously(&world, Method::GET, "/health").await;
    assert!(health.header("x-request-id").is_some());
    assert_eq!(health.expect(200), json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
}
