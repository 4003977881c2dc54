//! The changes of components and their version maps.

use slipway_test_scripted_server::ScriptedRegistry;
use slipway_test_support::{Value, json, text};

use super::every_kind::Audited;

/// The secret of the registry's webhook.
const SECRET: &str = "4f1c0b7a93d24e5f8a6b";

impl Audited {
    /// Makes each change once.
    pub(super) async fn components(&mut self) {
        let registry = ScriptedRegistry::start([("v1.0.0".to_owned(), 1)]).await;
        let url = registry.url();
        let new = json!({
            "name": "registry", "type": "registry.oci",
            "endpoint": url.as_str().trim_end_matches('/'), "auth": { "mode": "none" },
            "webhookSecretRef": self.world.integration_secret("webhook", SECRET),
        });
        let integration = self.act("integration-create", "/api/v1/integrations", new).await;
        let new = json!({
            "name": "api", "imageRepository": "myorg/api",
            "registryIntegrationId": integration["id"],
        });
        let component = self.act("component-create", "/api/v1/components", new).await;
        let path = format!("/api/v1/components/{}", text(&component, "id"));
        let renamed = json!({ "displayName": "API", "defaultChannel": "beta" });
        self.act("component-update", &path, renamed).await;
        let sync = format!("{path}/sync-versions");
        self.act("component-sync-versions", &sync, json!({ "forceRefresh": true })).await;
        let map = json!({ "componentId": component["id"], "tag": "v1.0.0", "channel": "rc" });
        self.act("version-map-create", "/api/v1/version-maps", map).await;
        registry.tag("v1.1.0", 2);
        let id = text(&integration, "id");
        let webhook = format!("/api/v1/webhooks/registry/{id}?secret={SECRET}");
        let target = json!({ "repository": "myorg/api", "tag": "v1.1.0" });
        let pushed = json!({ "events": [{ "action": "push", "target": target }] });
        self.act("registry-webhook-receive", &webhook, pushed).await;
        self.act("component-delete", &path, Value::Null).await;
        let integration = format!("/api/v1/integrations/{}", text(&integration, "id"));
        self.act("integration-delete", &integration, Value::Null).await;
    }
}
