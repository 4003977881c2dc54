//! `/v1/audit`

mod list;
mod list_of_release;
mod list_pages;

use slipway_test_support::{Value, World};

/// What every event has.
pub const MEMBERS: &[&str] = &[
    "event_id",
    "event_type",
    "actor",
    "actor_name",
    "subject",
    "product_id",
    "release_id",
    "tenant_id",
    "at",
    "request_id",
    "before",
    "after",
];

/// The events that a GET lists, on one page.
pub async fn events(world: &World, query: &str) -> Vec<Value> {
    let page = world.get(&format!("/v1/audit/events?limit=200&{query}")).await.expect(200);
    page["events"].as_array().unwrap().clone()
}
