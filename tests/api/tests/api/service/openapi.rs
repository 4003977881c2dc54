//! `GET /openapi.json`

use slipway_test_support::{Method, World};

use super::anonymously;

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
