//! From a container registry to two environments.

use serde_json::{Value, json};
use slipway_test_container_registry::{Access, DebianRegistry, OciLayout};
use slipway_tests_deployed::{Api, Stack};

use crate::fixtures::text;

/// What registries prove themselves with; the deployer puts it where the integration says.
const SECRET: &str = "a-secret-of-the-registry";
/// Where that is: functions may read parameters of this stack alone.
const SECRET_NAME: &str = "/slipway/slipway/integrations/registry-webhook";

/// A component whose versions are in the registry.
struct Setting<'a> {
    api: &'a Api,
    integration: Value,
    component: Value,
}

#[tokio::test]
async fn a_selection_of_versions_reaches_production() {
    let Some(stack) = Stack::find() else { return };
    let Some(registry) = DebianRegistry::start(Access::Open) else { return };
    for tag in ["v2.3.0", "v2.3.1"] {
        let layout = OciLayout::empty();
        layout.image(tag);
        registry.push(&layout, &format!("myorg/api:{tag}"));
    }
    let secret = stack.clients.parameters.put_parameter().name(SECRET_NAME).value(SECRET);
    secret.r#type(aws_sdk_ssm::types::ParameterType::SecureString).send().await.unwrap();
    let setting = Setting::make(&stack.api, registry.url().as_str().trim_end_matches('/')).await;
    setting.components().await;
    let [old, new] = setting.bundles().await;
    setting.promotions(&new).await;
    setting.ends(&old, &new).await;
}

impl<'a> Setting<'a> {
    async fn make(api: &'a Api, endpoint: &str) -> Self {
        let integration = json!({
            "name": "registry", "type": "registry.oci", "endpoint": endpoint,
            "auth": { "mode": "none" }, "webhookSecretRef": SECRET_NAME,
        });
        let made = api.post("/api/v1/integrations", integration.clone()).await;
        let path = format!("/api/v1/integrations/{}", text(&made["id"]));
        api.put(&path, integration).await;
        let tested = api.post(&format!("{path}/test"), Value::Null).await;
        assert_eq!((&tested["ok"], &tested["status"]), (&json!(true), &json!(200)), "{tested}");
        for read in [&path, "/api/v1/integrations"] {
            api.get(read).await;
        }
        let component = json!({
            "name": "api", "displayName": "API", "imageRepository": "myorg/api",
            "registryIntegrationId": made["id"], "versioningStrategy": "semver",
            "defaultChannel": "stable",
        });
        let component = api.post("/api/v1/components", component).await["id"].clone();
        Self { api, integration: made["id"].clone(), component }
    }

    /// The registry tells of one version, and a sync finds both.
    async fn components(&self) {
        let push = json!({ "events": [{
            "action": "push", "target": { "repository": "myorg/api", "tag": "v2.3.0" },
        }] });
        let registry = self.api.as_holder(&json!(SECRET));
        let path = format!("/api/v1/webhooks/registry/{}", text(&self.integration));
        let received = registry.post(&path, push).await;
        assert_eq!(received, json!({ "pushed": 1, "added": 1, "left": 0 }));
        let path = format!("/api/v1/components/{}", text(&self.component));
        assert_eq!(self.tags().await, ["v2.3.0"]);
        let all = json!({ "forceRefresh": true });
        let synced = self.api.post(&format!("{path}/sync-versions"), all).await;
        assert_eq!((&synced["synced"], &synced["complete"]), (&json!(1), &json!(true)), "{synced}");
        assert_eq!(self.tags().await, ["v2.3.0", "v2.3.1"]);
        self.api.put(&path, json!({ "displayName": "API Service" })).await;
        let map = json!({
            "componentId": self.component, "tag": "v2.3.1", "semver": "2.3.1", "channel": "beta",
        });
        self.api.post("/api/v1/version-maps", map).await;
        let maps = format!("/api/v1/version-maps?componentId={}", text(&self.component));
        for read in [path, maps, "/api/v1/components".to_owned()] {
            self.api.get(&read).await;
        }
    }

    /// The tags of all versions that the component has, in their order.
    async fn tags(&self) -> Vec<String> {
        let path = format!("/api/v1/components/{}/versions", text(&self.component));
        let versions = self.api.get(&path).await;
        let tags = versions.as_array().unwrap().iter().map(|it| text(&it["tag"]).to_owned());
        let mut tags: Vec<_> = tags.collect();
        tags.sort();
        tags
    }

    /// Two bundles that are ready, and one that is given up.
    async fn bundles(&self) -> [String; 2] {
        let mut paths = Vec::new();
        for version in ["2.3.0", "2.3.1"] {
            let component = json!({ "componentId": self.component, "version": version });
            let bundle = json!({ "name": format!("app-{version}"), "components": [component] });
            let bundle = self.api.post("/api/v1/releases", bundle).await;
            let path = format!("/api/v1/releases/{}", text(&bundle["id"]));
            self.api.put(&path, json!({ "status": "ready" })).await;
            paths.push(path);
        }
        let latest =
            json!({ "name": "app-latest", "channel": "stable", "componentIds": [self.component] });
        let latest = self.api.post("/api/v1/releases/from-latest", latest).await;
        self.api.delete(&format!("/api/v1/releases/{}", text(&latest["id"]))).await;
        let [old, new] = [paths.remove(0), paths.remove(0)];
        let compare = format!("{old}/compare/{}", new.rsplit('/').next().unwrap());
        for read in [&old, &compare, &format!("{new}/manifest"), "/api/v1/releases"] {
            self.api.get(read).await;
        }
        [old, new]
    }

    /// The new one is deployed in production once somebody else has approved it.
    async fn promotions(&self, new: &str) {
        let environment = json!({ "name": "prod", "orderIndex": 2, "isProduction": true });
        let environment = self.api.post("/api/v1/environments", environment).await;
        let path = format!("/api/v1/environments/{}", text(&environment["id"]));
        self.api.put(&path, json!({ "requiredApprovals": 1 })).await;
        for read in [&path, "/api/v1/environments", "/api/v1/promotions"] {
            self.api.get(read).await;
        }
        let release = new.rsplit('/').next().unwrap();
        let promotion = json!({ "releaseId": release, "targetEnvironmentId": environment["id"] });
        let approver = json!({ "name": "approver", "scopes": ["bundles:write"] });
        let approver = self.api.post("/v1/tokens", approver).await;
        let approver = self.api.as_holder(&approver["secret"]);
        for decision in ["reject", "approve"] {
            let made = self.api.post("/api/v1/promotions", promotion.clone()).await;
            let path = format!("/api/v1/promotions/{}", text(&made["id"]));
            approver.post(&format!("{path}/{decision}"), json!({})).await;
            if decision == "approve" {
                self.api.post(&format!("{path}/complete"), json!({ "status": "deployed" })).await;
            }
            self.api.get(&path).await;
        }
        let state = self.api.get(&format!("{new}/state")).await;
        assert!(state.to_string().contains("\"deployed\""), "{state}");
    }

    /// What is not needed any more goes.
    async fn ends(&self, old: &str, new: &str) {
        for bundle in [old, new] {
            self.api.post(&format!("{bundle}/deprecate"), Value::Null).await;
        }
        let unused = json!({ "name": "unused" });
        let unused = self.api.post("/api/v1/environments", unused).await;
        self.api.delete(&format!("/api/v1/environments/{}", text(&unused["id"]))).await;
        let integration = json!({
            "name": "unused", "type": "registry.oci", "endpoint": "https://registry.example.com",
            "auth": { "mode": "none" },
        });
        let integration = self.api.post("/api/v1/integrations", integration).await;
        let component = json!({
            "name": "unused", "displayName": "Unused", "imageRepository": "myorg/unused",
            "registryIntegrationId": integration["id"], "versioningStrategy": "semver",
            "defaultChannel": "stable",
        });
        let component = self.api.post("/api/v1/components", component).await;
        self.api.delete(&format!("/api/v1/components/{}", text(&component["id"]))).await;
        self.api.delete(&format!("/api/v1/integrations/{}", text(&integration["id"]))).await;
    }
}
