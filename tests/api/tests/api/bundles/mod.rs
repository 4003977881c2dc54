//! `/api/v1/releases`

mod compare;
mod create;
mod create_from_latest;
mod delete;
mod deprecate;
mod get;
mod list;
mod state;
mod update;

use aws_sdk_dynamodb::types::AttributeValue;
use slipway_aws::Clients;
use slipway_test_support::{Value, World, json, text};

use crate::components::{component, synced};

/// Where release bundles are.
pub const PLACE: &str = "/api/v1/releases";
/// What every release bundle has.
pub const MEMBERS: &[&str] = &[
    "id",
    "name",
    "displayName",
    "status",
    "components",
    "sourceRef",
    "metadata",
    "createdAt",
    "createdBy",
    "updatedAt",
];
/// The tags of [`versioned`], and the numbers of their digests.
const TAGS: [(&str, u64); 5] =
    [("latest", 3), ("v1.9.0", 1), ("v1.10.0", 2), ("v2.0.0", 3), ("v2.1.0-rc.1", 4)];

/// A component with versions on `stable` and `rc`.
pub async fn versioned(world: &World, name: &str) -> Value {
    let component = component(world, name).await;
    synced(world, &component, &TAGS).await;
    component
}

/// The components of a new release: each with its selection, `{"version": ..}` and so on.
pub fn selected(components: &[(&Value, Value)]) -> Value {
    let select = |(component, selection): &(&Value, Value)| {
        let mut selection = selection.clone();
        selection["componentId"] = component["id"].clone();
        selection
    };
    components.iter().map(select).collect()
}

/// What creates a release bundle.
pub fn of(name: &str, components: &[(&Value, Value)]) -> Value {
    json!({ "name": name, "components": selected(components) })
}

/// A release bundle with this name that has `component` in this version.
pub async fn bundle(world: &World, name: &str, component: &Value, version: &str) -> Value {
    let new = of(name, &[(component, json!({ "version": version }))]);
    world.post(PLACE, new).await.expect(201)
}

/// Where one is.
pub fn path(bundle: &Value) -> String {
    format!("{PLACE}/{}", text(bundle, "id"))
}

/// Says that a release bundle is deployed in an environment, as a promotion that has ended well would.
pub async fn deploy(world: &World, bundle: &Value, environment: &Value) {
    let (bundle, environment) = (text(bundle, "id"), text(environment, "id"));
    let row = json!({ "environment_id": environment, "bundle_id": bundle, "deployed_at": "2026-01-09T10:00:00Z" });
    let text = |text: String| AttributeValue::S(text);
    let client = Clients::local(&world.stack.local).dynamodb;
    let put = client.put_item().table_name(&world.stack.settings.table);
    let put = put.item("PK", text("DEPLOYMENTS".to_owned()));
    let put = put.item("SK", text(format!("ID#{environment}")));
    let put = put.item("rev", AttributeValue::N("1".to_owned()));
    put.item("doc", text(row.to_string())).send().await.unwrap();
}
