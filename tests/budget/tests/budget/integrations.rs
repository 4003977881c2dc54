//! What integrations cost.

use slipway_test_support::{Value, json, text};

use crate::operations::CostMeter;

impl CostMeter {
    /// Pays for integrations. Their test asks another system, and the table for nothing else.
    pub async fn integrations(&mut self) {
        let place = "/api/v1/integrations";
        let settings = |name: &str| -> Value {
            json!({
                "name": name, "type": "registry.oci", "endpoint": "https://registry-1.docker.io",
                "auth": { "mode": "basic", "secretRef": "file:missing" },
            })
        };
        let integration = self.with("integration-create", "", place, &settings("hub")).await;
        let path = format!("{place}/{}", text(&integration, "id"));
        self.plain("integration-list", "1 integration", place).await;
        self.plain("integration-get", "", &path).await;
        self.with("integration-update", "another name", &path, &settings("docker-hub")).await;
        let test = format!("{path}/test");
        self.with("integration-test", "whose secret is missing", &test, &json!({})).await;
        self.plain("integration-delete", "", &path).await;
    }
}
