//! `GET /live`

use slipway_test_support::{Call, Method, World, json};

use super::anonymously;

#[tokio::test]
async fn an_api_that_answers_says_so_and_asks_nobody() {
    let world = World::start().await;
    let live = anonymously(&world, Method::GET, "/live").await;
    assert_eq!(live.expect(200), json!({ "status": "ok" }));
    let (_, record) = Call::new("live", "/live").on(&world.stack.services).await;
    assert_eq!(record.dynamodb_requests, 0);
}
