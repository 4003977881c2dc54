//! `/health`, `/openapi.json`, and what is nowhere.

use slipway_test_support::{Method, TestResponse, World, json};

pub const OPS: &[&str] = &["health", "openapi"];

async fn anonymously(world: &World, method: Method, path: &str) -> TestResponse {
    TestResponse::to(world.request(method, path)).await
}

#[tokio::test]
async fn a_deployment_that_works_says_so() {
    let world = World::start().await;
    let health = anonymously(&world, Method::GET, "/health").await;
    assert!(health.header("x-request-id").is_some());
    assert_eq!(health.expect(200), json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
}

#[tokio::test]
async fn the_contract_is_served_and_names_every_operation() {
    let world = World::start().await;
    let document = anonymously(&world, Method::GET, "/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for operation in slipway_registry::operations() {
        let route = operation.route();
        let method = route.verb.as_str().to_lowercase();
        assert_eq!(document["paths"][route.path][&method]["operationId"], route.op);
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let world = World::start().await;
    let mut seen = std::collections::BTreeSet::new();
    for path in ["/health", "/health", "/v1/nothing", "/v1/releases"] {
        let answer = anonymously(&world, Method::GET, path).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(seen.insert(answer.header("x-request-id").unwrap().to_owned()));
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_and_a_method_that_is_not_taken_say_so() {
    let world = World::start().await;
    for path in
        ["/", "/v1", "/v1/nothing", "/v1/products/", "/v1/releases/rel_1/nothing", "/V1/keys"]
    {
        anonymously(&world, Method::GET, path).await.refused(404, "no_such_route", None);
    }
    for (method, path) in [
        (Method::DELETE, "/v1/products"),
        (Method::PUT, "/v1/releases/rel_1"),
        (Method::POST, "/health"),
    ] {
        anonymously(&world, method, path).await.refused(405, "method_not_allowed", None);
    }
}
