//! `/api/v1/components`

mod create;
mod delete;
mod get;
mod list;
mod registry_webhook_receive;
mod registry_webhook_receive_secrets;
mod sync_versions;
mod sync_versions_overtaken;
mod update;
mod version_map_create;
mod version_map_list;
mod versions;

use slipway_edge::RegistryAccess;
use slipway_test_support::{Method, Options, TestResponse, Value, World, json, text};
use url::Url;

/// Where components are.
pub const PLACE: &str = "/api/v1/components";
/// Where version maps are.
pub const VERSION_MAPS: &str = "/api/v1/version-maps";
/// What every component has.
pub const MEMBERS: &[&str] = &[
    "id",
    "name",
    "displayName",
    "imageRepository",
    "registryIntegrationId",
    "versioningStrategy",
    "defaultChannel",
    "createdAt",
    "updatedAt",
    "createdBy",
];

/// A world that reaches registries on this machine.
pub async fn world() -> World {
    let registries = RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]);
    World::with(Options { registries, ..Options::ephemeral() }).await
}

/// An integration with a registry that nobody asks.
pub async fn integration(world: &World) -> String {
    let name = "registry";
    let all = world.get("/api/v1/integrations").await.expect(200);
    let there = all["data"].as_array().unwrap().iter().find(|one| one["name"] == name);
    match there {
        Some(integration) => text(integration, "id").to_owned(),
        None => integration_with(world, name, "https://registry.example.com").await,
    }
}

/// An integration with the registry at `endpoint`.
pub async fn integration_with(world: &World, name: &str, endpoint: &str) -> String {
    let new = json!({
        "name": name, "type": "registry.oci", "endpoint": endpoint, "auth": { "mode": "none" }
    });
    let created = world.post("/api/v1/integrations", new).await.expect(201);
    text(&created, "id").to_owned()
}

/// A component whose registry is the one at `url`.
pub async fn component_at(world: &World, name: &str, url: &Url) -> Value {
    let integration = integration_with(world, name, url.as_str().trim_end_matches('/')).await;
    world.post(PLACE, of(name, &integration)).await.expect(201)
}

/// A component with this name, of such a registry.
pub async fn component(world: &World, name: &str) -> Value {
    let new = of(name, &integration(world).await);
    world.post(PLACE, new).await.expect(201)
}

/// What creates one.
pub fn of(name: &str, integration: &str) -> Value {
    json!({ "name": name, "imageRepository": "myorg/api", "registryIntegrationId": integration })
}

/// Where one is.
pub fn path(component: &Value) -> String {
    format!("{PLACE}/{}", text(component, "id"))
}

/// What every version map has.
pub const VERSION_MAP: &[&str] = &[
    "id",
    "componentId",
    "tag",
    "digest",
    "semver",
    "channel",
    "pushedAt",
    "createdAt",
    "createdBy",
];

/// The digest with this number.
pub fn digest(number: u64) -> String {
    format!("sha256:{number:064x}")
}

/// Adds what a sync would, had the registry these tags: each with the number of its digest.
pub async fn synced(world: &World, component: &Value, tags: &[(&str, u64)]) {
    let tags: Vec<_> = tags.iter().map(|(tag, number)| (*tag, digest(*number))).collect();
    world.add_versions(component, &tags).await;
}

/// A page of a list of bare arrays, and the path of the next one.
pub async fn page(world: &World, path: &str) -> (Value, Option<String>) {
    let answer = TestResponse::to(world.admin(Method::GET, path)).await;
    let link = answer.header("link").map(|link| {
        let query = link.strip_prefix("<?").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        format!("{}?{query}", path.split('?').next().unwrap())
    });
    (answer.expect(200), link)
}

/// One member of each item of a list, page by page.
pub async fn all_pages(world: &World, path: &str, member: &str) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let (items, link) = page(world, &path).await;
        all.extend(items.as_array().unwrap().iter().map(|item| text(item, member).to_owned()));
        next = link;
    }
    all
}
