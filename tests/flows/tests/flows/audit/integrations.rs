//! The changes of environments and integrations.

use slipway_test_support::{Value, json, text};

use super::every_kind::Audited;

impl Audited {
    /// Makes each change once.
    pub(super) async fn environments_and_integrations(&mut self) {
        let new = json!({ "name": "prod", "orderIndex": 2, "isProduction": true });
        let environment = self.act("environment-create", "/api/v1/environments", new).await;
        let path = format!("/api/v1/environments/{}", text(&environment, "id"));
        let renamed = json!({ "name": "production", "requiredApprovals": 1 });
        self.act("environment-update", &path, renamed).await;
        self.act("environment-delete", &path, Value::Null).await;
        let mut settings = json!({
            "name": "hub", "type": "registry.oci", "endpoint": "https://registry-1.docker.io",
            "auth": { "mode": "basic", "secretRef": "file:hub" },
        });
        let integration =
            self.act("integration-create", "/api/v1/integrations", settings.clone()).await;
        let path = format!("/api/v1/integrations/{}", text(&integration, "id"));
        settings["auth"] = json!({ "mode": "none" });
        self.act("integration-update", &path, settings).await;
        self.act("integration-delete", &path, Value::Null).await;
    }
}
