//! What components and their version maps cost. Syncs cost by what is new, and not by what is known.

use slipway_test_scripted_server::ScriptedRegistry;
use slipway_test_support::{Value, json, text};

use crate::operations::CostMeter;

const PLACE: &str = "/api/v1/components";

impl CostMeter {
    /// Pays for components.
    pub async fn components(&mut self) {
        let tags = (0..20).map(|n| (format!("v1.0.{n}"), n));
        let registry = ScriptedRegistry::start(tags).await;
        let integration = self.integration_at(registry.url().as_str()).await;
        let new = json!({
            "name": "api", "imageRepository": "myorg/api", "registryIntegrationId": integration
        });
        let component = self.with("component-create", "", PLACE, &new).await;
        let path = format!("{PLACE}/{}", text(&component, "id"));
        self.plain("component-list", "1 component", PLACE).await;
        self.plain("component-get", "", &path).await;
        self.with("component-update", "", &path, &json!({ "displayName": "API" })).await;
        self.with("component-update", "another name", &path, &json!({ "name": "backend" })).await;
        let repository = json!({ "imageRepository": "myorg/backend" });
        self.with("component-update", "another repository", &path, &repository).await;
        self.syncs(&registry, &path).await;
        self.version_maps(&component, &path).await;
        self.plain("component-delete", "22 version maps", &path).await;
    }

    async fn syncs(&mut self, registry: &ScriptedRegistry, path: &str) {
        let (sync, all) = (format!("{path}/sync-versions"), json!({ "forceRefresh": true }));
        self.with("component-sync-versions", "20 new tags", &sync, &all).await;
        self.with("component-sync-versions", "20 tags, none new", &sync, &all).await;
        registry.tag("v1.0.7", 30);
        self.with("component-sync-versions", "20 tags, 1 moved", &sync, &all).await;
    }

    async fn version_maps(&mut self, component: &Value, path: &str) {
        let place = "/api/v1/version-maps";
        let new = json!({ "componentId": component["id"], "tag": "v1.0.7", "channel": "rc" });
        self.with("version-map-create", "", place, &new).await;
        self.plain("component-versions", "20 of 22", format!("{path}/versions?limit=20")).await;
        let stable = format!("{path}/versions?limit=20&channel=stable");
        self.plain("component-versions", "20 of 21 on a channel", stable).await;
        self.plain("version-map-list", "20 of 22", format!("{place}?limit=20")).await;
    }

    async fn integration_at(&self, url: &str) -> Value {
        let endpoint = url.trim_end_matches('/');
        let new = json!({
            "name": "registry", "type": "registry.oci", "endpoint": endpoint,
            "auth": { "mode": "none" },
        });
        let world = &self.fixture.world;
        world.post("/api/v1/integrations", new).await.expect(201)["id"].clone()
    }
}
