//! `/api/v1/environments`

mod create;
mod delete;
mod get;
mod list;
mod update;

use slipway_test_support::{Value, World, json, text};

/// Where environments are.
pub const PLACE: &str = "/api/v1/environments";
/// What every environment has.
pub const MEMBERS: &[&str] = &[
    "id",
    "name",
    "displayName",
    "orderIndex",
    "isProduction",
    "requiredApprovals",
    "createdAt",
    "updatedAt",
    "createdBy",
];

/// An environment with this name, at this place in the order.
pub async fn environment(world: &World, name: &str, order: u32) -> Value {
    world.post(PLACE, json!({ "name": name, "orderIndex": order })).await.expect(201)
}

/// Where one is.
pub fn path(environment: &Value) -> String {
    format!("{PLACE}/{}", text(environment, "id"))
}
