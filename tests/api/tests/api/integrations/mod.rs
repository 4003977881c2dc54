//! `/api/v1/integrations`

mod create;
mod delete;
mod get;
mod list;
mod test;
mod update;

use slipway_edge::RegistryAccess;
use slipway_test_support::{Options, Value, World, json, text};

/// Where integrations are.
pub const PLACE: &str = "/api/v1/integrations";
/// What every integration has.
pub const MEMBERS: &[&str] = &[
    "id",
    "name",
    "type",
    "endpoint",
    "auth",
    "webhookSecretRef",
    "createdAt",
    "updatedAt",
    "createdBy",
];

/// A registry that everybody may read, with this name.
pub fn settings(name: &str) -> Value {
    json!({
        "name": name, "type": "registry.oci", "endpoint": "https://registry.example.com",
        "auth": { "mode": "none" },
    })
}

/// An integration with a registry that everybody may read.
pub async fn integration(world: &World, name: &str) -> Value {
    world.post(PLACE, settings(name)).await.expect(201)
}

/// Where one is.
pub fn path(integration: &Value) -> String {
    format!("{PLACE}/{}", text(integration, "id"))
}

/// A stack that reaches loopback, as the local stack does by default.
async fn on_loopback() -> World {
    let registries = RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]);
    World::with(Options { registries, ..Options::ephemeral() }).await
}

/// Writes a secret where the local stack reads it, and returns the reference to it.
fn secret(world: &World, name: &str, value: &str) -> String {
    world.integration_secret(name, value)
}
