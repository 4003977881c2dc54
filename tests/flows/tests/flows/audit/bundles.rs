//! The changes of release bundles.

use slipway_test_support::{Value, json, text};

use super::every_kind::Audited;

impl Audited {
    /// Makes each change once.
    pub(super) async fn bundles(&mut self) {
        let component = self.world.component("web").await;
        let place = "/api/v1/releases";
        let new = json!({
            "name": "myapp-v1", "displayName": "My App",
            "components": [{ "componentId": component["id"], "version": "1.0.0" }],
            "sourceRef": { "repository": "myorg/myapp", "branch": "main", "commitSha": "abc123" },
        });
        let bundle = self.act("bundle-create", place, new).await;
        let path = format!("{place}/{}", text(&bundle, "id"));
        let change = json!({ "metadata": { "ticket": "APP-1" }, "status": "ready" });
        self.act("bundle-update", &path, change).await;
        self.act("bundle-deprecate", &format!("{path}/deprecate"), json!({})).await;
        self.act("bundle-delete", &path, Value::Null).await;
        let latest = json!({ "name": "myapp-latest", "componentIds": [component["id"]] });
        self.act("bundle-create-from-latest", &format!("{place}/from-latest"), latest).await;
    }
}
