//! What every response has in common.

use slipway_test_support::{Method, World};

use crate::service::anonymously;

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
