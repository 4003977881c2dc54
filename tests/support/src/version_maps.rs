//! Components of release bundles with versions, without a registry, and secrets of integrations.

use jiff::Timestamp;
use serde_json::{Value, json};
use slipway_catalog::{AdditionsEvent, AuditContext, SyncedTags};
use slipway_composition::VersionMap;
use slipway_domain::GenerateId;
use slipway_edge::clock::entropy;

use crate::{World, text};

impl World {
    /// Adds what a sync would, had the component's registry these tags: each with its digest.
    pub async fn add_versions(&self, component: &Value, tags: &[(&str, String)]) {
        let (catalog, now) = (self.catalog(), Timestamp::now());
        let component = text(component, "id").parse().expect("an id");
        let component = &catalog.get_component(&component).await.expect("a component").value;
        let generate = || entropy().expect("random bytes");
        let observed = tags.iter().map(|(tag, digest)| {
            let found = (tag.parse().expect("a tag"), digest.parse().expect("a digest"));
            let id = GenerateId::generate(now, generate());
            VersionMap::observed(component, found, (id, now), "tester")
        });
        let maps: Vec<_> = observed.collect();
        let event_id = GenerateId::generate(now, generate());
        let audit = &AuditContext::new(now, "tester", "test", event_id);
        let end = Some(AdditionsEvent { audit, untold: 0 });
        let synced = SyncedTags { component, maps: &maps, position: None, end };
        catalog.add_synced_tags(&synced).await.expect("they are stored");
    }

    /// A component that has the versions 1.0.0 and 2.0.0 on `stable`. All such components are of
    /// one registry, which nobody asks.
    pub async fn component(&self, name: &str) -> Value {
        let integration = self.registry().await;
        let new = json!({ "name": name, "imageRepository": format!("myorg/{name}"), "registryIntegrationId": integration });
        let component = self.post("/api/v1/components", new).await.expect(201);
        let tags = [("v1.0.0", digest(1)), ("v2.0.0", digest(2))];
        self.add_versions(&component, &tags).await;
        component
    }

    /// Lets the component with this id, which has version maps, have so many by its count.
    pub async fn count_version_maps(&self, component: &str, count: u64) {
        let key = (format!("VERSIONS#{component}"), "STATE".to_owned());
        let mut state = self.rows().await[&key].clone();
        state["version_maps"] = json!(count);
        self.replace_doc(&key, &state).await;
    }

    /// Writes a secret where the local stack reads those of integrations, and returns the reference
    /// to it.
    pub fn integration_secret(&self, name: &str, value: &str) -> String {
        let directory = self.stack.settings.secret_directory.as_deref().expect("a directory");
        std::fs::write(directory.join(name), value).expect("it is written");
        format!("file:{name}")
    }

    async fn registry(&self) -> Value {
        let place = "/api/v1/integrations";
        let all = self.get(place).await.expect(200);
        let mut all = all["data"].as_array().expect("a list").iter();
        if let Some(there) = all.find(|one| one["name"] == "images") {
            return there["id"].clone();
        }
        let new = json!({
            "name": "images", "type": "registry.oci", "endpoint": "https://registry.example.com",
            "auth": { "mode": "none" },
        });
        self.post(place, new).await.expect(201)["id"].clone()
    }
}

/// The digest with this number.
fn digest(number: u64) -> String {
    format!("sha256:{number:064x}")
}
