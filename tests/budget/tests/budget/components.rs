//! What components and their version maps cost. Syncs cost by what is new, and not by what is
//! known.

use jiff::SignedDuration;
use slipway_test_scripted_server::{Reply, ScriptedRegistry, Server};
use slipway_test_support::{Call, Value, json, text};

use crate::budget_world::clock;
use crate::operations::CostMeter;

const PLACE: &str = "/api/v1/components";
/// The secret of the webhook of each integration here.
const SECRET: &str = "4f1c0b7a93d24e5f8a6b";

impl CostMeter {
    /// Pays for components.
    pub async fn components(&mut self) {
        let tags = (0..20).map(|n| (format!("v1.0.{n}"), n));
        let registry = ScriptedRegistry::start(tags).await;
        let integration = self.integration_at("registry", registry.url().as_str()).await;
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
        self.integrations_of(&component, &path).await;
        self.syncs(&registry, &path).await;
        self.version_maps(&component, &path).await;
        self.pushes(&registry, &component).await;
        self.purged(&component).await;
        self.plain("component-delete", "25 version maps", &path).await;
    }

    /// Pays for another integration, after a sync that has come nowhere but to a position, and for
    /// the first one again.
    async fn integrations_of(&mut self, component: &Value, path: &str) {
        let failing = Server::start(|path| {
            Reply::raw(match path {
                path if path.contains("/tags/") => {
                    "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"tags\":[\"v1\",\"v2\"]}"
                }
                path if path.ends_with("/v1") => {
                    "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
                }
                _ => "HTTP/1.1 500 Fault\r\ncontent-length: 0\r\n\r\n",
            })
        })
        .await;
        let other = self.integration_at("failing", failing.url("/").as_str()).await;
        let other = json!({ "registryIntegrationId": other });
        self.with("component-update", "another integration", path, &other).await;
        let sync = self.fixture.world.post(&format!("{path}/sync-versions"), json!({})).await;
        sync.refused(502, "registry_unavailable", None);
        self.costs.recorder.take();
        let first = json!({ "registryIntegrationId": component["registryIntegrationId"] });
        self.with("component-update", "and back, after a sync in vain", path, &first).await;
    }

    async fn syncs(&mut self, registry: &ScriptedRegistry, path: &str) {
        let (sync, all) = (format!("{path}/sync-versions"), json!({ "forceRefresh": true }));
        self.with("component-sync-versions", "20 new tags", &sync, &all).await;
        self.with("component-sync-versions", "20 tags, none new", &sync, &all).await;
        registry.tag("v1.0.7", 30);
        self.a_minute_later(
            "20 tags, 1 moved",
            self.call("component-sync-versions", &sync).json(&all),
        )
        .await;
    }

    /// Pays for a call a minute later: where the time stands still, what is asked for may seem to be
    /// overtaken by what was asked for before.
    async fn a_minute_later(&mut self, case: &str, call: Call) {
        let now = clock().now() + SignedDuration::from_mins(1);
        let instance = self.fixture.instance_at(now);
        let (answer, record) = Box::pin(call.on(&instance)).await;
        assert!(answer.status < 400, "{}: {answer:?}", call.op());
        self.costs.add(case, record);
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

    /// Pays for events of the registry, which bring the secret of its webhook.
    async fn pushes(&mut self, registry: &ScriptedRegistry, component: &Value) {
        let op = "registry-webhook-receive";
        let place =
            format!("/api/v1/webhooks/registry/{}", text(component, "registryIntegrationId"));
        let secret = format!("{place}?secret={SECRET}");
        let pushed = |repository: &str, tags: &[&str]| {
            let event = |tag: &&str| json!({ "action": "push", "target": { "repository": repository, "tag": tag } });
            json!({ "events": tags.iter().map(event).collect::<Vec<_>>() })
        };
        registry.tag("v1.1.0", 40);
        self.with(op, "1 new tag", &secret, &pushed("myorg/backend", &["v1.1.0"])).await;
        self.with(op, "1 tag, sent again", &secret, &pushed("myorg/backend", &["v1.1.0"])).await;
        registry.tag("v1.2.0", 41);
        registry.tag("v1.3.0", 42);
        let two = pushed("myorg/backend", &["v1.2.0", "v1.3.0"]);
        self.with(op, "2 new tags", &secret, &two).await;
        self.with(op, "unknown repository", &secret, &pushed("myorg/other", &["v1"])).await;
        self.with(op, "no push", &secret, &json!({ "events": [{ "action": "pull" }] })).await;
    }

    /// Pays for finding out that the registry has an image no more: it has tags, and no digest.
    async fn purged(&mut self, component: &Value) {
        let components = json!([{ "componentId": component["id"], "version": "1.0.7" }]);
        let new = json!({ "name": "purged", "components": components });
        let draft = self.fixture.world.post("/api/v1/releases", new).await.expect(201);
        self.costs.recorder.take();
        self.perform("check-digests", "1 release, whose image is gone", json!({})).await;
        let path = format!("/api/v1/releases/{}", text(&draft, "id"));
        self.fixture.world.delete(&path).await.expect(204);
        self.costs.recorder.take();
    }

    async fn integration_at(&self, name: &str, url: &str) -> Value {
        let endpoint = url.trim_end_matches('/');
        let new = json!({
            "name": name, "type": "registry.oci", "endpoint": endpoint,
            "auth": { "mode": "none" },
            "webhookSecretRef": self.fixture.world.integration_secret(name, SECRET),
        });
        let world = &self.fixture.world;
        world.post("/api/v1/integrations", new).await.expect(201)["id"].clone()
    }
}
