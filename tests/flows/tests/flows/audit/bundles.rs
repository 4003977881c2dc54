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
        self.promotions(&bundle).await;
        self.act("bundle-deprecate", &format!("{path}/deprecate"), json!({})).await;
        let other = json!({
            "name": "myapp-v2",
            "components": [{ "componentId": component["id"], "version": "2.0.0" }],
        });
        let other = self.world.post(place, other).await.expect(201);
        let other = format!("{place}/{}", text(&other, "id"));
        self.act("bundle-delete", &other, Value::Null).await;
        let latest = json!({ "name": "myapp-latest", "componentIds": [component["id"]] });
        self.act("bundle-create-from-latest", &format!("{place}/from-latest"), latest).await;
    }
}
