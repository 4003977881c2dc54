//! A deployment that is broken says so, and not how.

use std::sync::Arc;

use slipway_aws::Clients;
use slipway_edge::clock::Clock;
use slipway_edge::{Authorization, HttpMethod, Services, Settings};
use slipway_test_support::{Call, SampleRequest, World, json};

/// The functions of a deployment whose table is not there.
fn without_table(world: &World) -> Arc<Services> {
    let settings = Settings { table: "no-such-table".to_owned(), ..world.stack.settings.clone() };
    Services::new(&settings, &Clients::local(&world.stack.local), Clock::system())
}

/// Whether an answer tells what only the log may know.
fn tells(text: &str) -> bool {
    ["no-such-table", "DynamoDB", "dynamodb", "Exception", "panick", "src/", ".rs"]
        .iter()
        .any(|secret| text.contains(secret))
}

#[tokio::test]
async fn health_is_503_where_the_catalog_does_not_answer() {
    let world = World::start().await;
    for (op, path) in [("health", "/health"), ("ready", "/ready")] {
        let (answer, record) = Call::new(op, path).on(&without_table(&world)).await;
        answer.refused(503, "unavailable", None);
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert!(!tells(&answer.body.to_string()), "{:#}", answer.body);
        assert!(tells(&record.error.unwrap()), "the log has it");
    }
    let (answer, _) = Call::new("live", "/live").on(&without_table(&world)).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn no_operation_tells_why_it_failed() {
    let world = World::start().await;
    let services = without_table(&world);
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    for route in routes.filter(|route| {
        matches!(route.verb, HttpMethod::Get | HttpMethod::Delete)
            && matches!(route.access, Authorization::Scope(_))
    }) {
        let path = SampleRequest::of(route.op).about_nothing().path;
        let (answer, record) = world.call(route.op, path).on(&services).await;
        answer.refused(500, "internal", None);
        assert!(!tells(&answer.body.to_string()), "{}: {:#}", route.op, answer.body);
        assert!(tells(&record.error.unwrap()), "{}: the log has it", route.op);
    }
}

#[tokio::test]
async fn a_request_that_a_fault_ended_can_be_sent_again() {
    let world = World::start().await;
    let body = json!({ "name": "App" });
    let call =
        world.call("product-create", "/v1/products").header("idempotency-key", "k").json(&body);
    let (answer, _) = call.on(&without_table(&world)).await;
    assert_eq!(answer.status, 500);
    let (answer, _) = call.on(&world.stack.services).await;
    assert_eq!(answer.status, 201, "{:#}", answer.body);
}
