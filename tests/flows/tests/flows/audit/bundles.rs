//! The changes of release bundles.

use slipway_catalog::{AuditContext, CheckedImage, ImageChecks};
use slipway_composition::ImageCheck;
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
        let bundle = self.act("bundle-update", &path, change).await;
        self.checks(&bundle).await;
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

    /// The one image of `bundle` is found, and then it is gone.
    async fn checks(&self, bundle: &Value) {
        let id = text(bundle, "id").parse().unwrap();
        let bundle = self.world.catalog().get_bundle(&id).await.unwrap();
        let component = &bundle.components[0];
        let image = CheckedImage::of(&bundle, component);
        let digest = component.digest.clone();
        let gone = ImageCheck::Missing { digest, platform: Some("linux/arm64".parse().unwrap()) };
        for (check, event) in [(ImageCheck::Whole, "evt_intact"), (gone, "evt_broken")] {
            let checks = ImageChecks::from([(image.clone(), check)]);
            let now = self.clock.clock().now();
            let audit = AuditContext::new(now, "job:check-digests", "run", event.parse().unwrap());
            self.world.catalog().record_image_checks(&id, &checks, &audit).await.unwrap();
        }
    }
}
