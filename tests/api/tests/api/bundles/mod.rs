//! `/api/v1/releases`

mod compare;
mod create;
mod create_from_latest;
mod delete;
mod deprecate;
mod get;
mod list;
mod manifest;
mod state;
mod update;

use slipway_test_support::{Value, World, json, text};

use crate::components::{component, synced};
use crate::promotions::{complete, promotion};

/// Where release bundles are.
pub const PLACE: &str = "/api/v1/releases";
/// What every release bundle has.
pub const MEMBERS: &[&str] = &[
    "id",
    "name",
    "displayName",
    "status",
    "components",
    "health",
    "brokenComponents",
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

/// `bundle`, which has become ready.
pub async fn ready(world: &World, bundle: &Value) -> Value {
    world.put(&path(bundle), json!({ "status": "ready" })).await.expect(200)
}

/// `bundle`, a draft of one component, with the registry that the component gets with the status
/// `ready`.
pub fn with_registry(bundle: &Value) -> Value {
    let mut ready = bundle.clone();
    ready["components"][0]["registry"] = json!("registry.example.com");
    ready
}

/// Where one is.
pub fn path(bundle: &Value) -> String {
    format!("{PLACE}/{}", text(bundle, "id"))
}

/// Promotes a release bundle to an environment, and says that it is deployed there: when.
pub async fn deploy(world: &World, bundle: &Value, environment: &Value) -> Value {
    if world.get(&path(bundle)).await.expect(200)["status"] == "draft" {
        world.put(&path(bundle), json!({ "status": "ready" })).await.expect(200);
    }
    let promotion = promotion(world, bundle, environment).await;
    let deployed = complete(world, &promotion, "deployed").await.expect(200);
    deployed["completedAt"].clone()
}
