//! `/health`, `/live`, `/ready`, `/openapi.json`

mod health;
mod live;
mod openapi;
mod ready;

use slipway_test_support::{Method, TestResponse, World};

/// A request without a credential.
pub async fn anonymously(world: &World, method: Method, path: &str) -> TestResponse {
    TestResponse::to(world.request(method, path)).await
}
