//! What environments of release bundles cost.

use slipway_test_support::{json, text};

use crate::operations::CostMeter;

impl CostMeter {
    /// Pays for environments.
    pub async fn environments(&mut self) {
        let place = "/api/v1/environments";
        let new = json!({ "name": "dev", "orderIndex": 1 });
        let environment = self.with("environment-create", "", place, &new).await;
        let path = format!("{place}/{}", text(&environment, "id"));
        self.plain("environment-list", "1 environment", place).await;
        self.plain("environment-get", "", &path).await;
        let change = json!({ "isProduction": true });
        self.with("environment-update", "", &path, &change).await;
        self.with("environment-update", "another name", &path, &json!({ "name": "prod" })).await;
        self.plain("environment-delete", "", &path).await;
    }
}
