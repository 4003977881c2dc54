//! Things that most tests need before they can begin.

use serde_json::{Value, json};
use slipway_domain::Sha256;

use crate::World;

/// Bytes of a made-up installer: `length` of them, different for each `seed`, and their SHA-256.
pub fn file(seed: u64, length: usize) -> (Vec<u8>, String) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    let sha256 = Sha256::of(&bytes).to_string();
    (bytes, sha256)
}

impl World {
    /// A product with this id.
    pub async fn product(&self, id: &str) -> Value {
        self.post("/v1/products", json!({ "product_id": id, "name": id })).await.expect(201)
    }

    /// An external artifact, and its id.
    pub async fn external(&self, seed: u64) -> String {
        let (bytes, sha256) = file(seed, 64);
        let url = format!("https://artifacts.example.com/{sha256}.msi");
        let body = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": bytes.len(), "external_url": url });
        let artifact = self.post("/v1/artifacts", body).await.expect(201);
        artifact["artifact_id"].as_str().expect("an id").to_owned()
    }

    /// The request for a release of one Windows installer.
    pub fn release_of(product: &str, version: &str, channel: &str, artifact: &str) -> Value {
        json!({
            "product_id": product, "version": version, "channel": channel,
            "artifacts": [{ "artifact_id": artifact, "platform": "windows", "arch": "x86_64", "installer_type": "msi", "requires_admin": true }],
        })
    }

    /// Publishes a version of a product on `stable`, with an external artifact of its own.
    pub async fn release(&self, product: &str, version: &str) -> Value {
        let artifact = self.external(version.bytes().map(u64::from).sum()).await;
        self.post("/v1/releases", Self::release_of(product, version, "stable", &artifact))
            .await
            .expect(201)
    }

    /// A token with these scopes, and its secret.
    pub async fn token(&self, scopes: &[&str]) -> (String, String) {
        let token =
            self.post("/v1/tokens", json!({ "name": "test", "scopes": scopes })).await.expect(201);
        let text = |name: &str| token[name].as_str().expect("a text").to_owned();
        (text("token_id"), text("secret"))
    }

    /// What a client with `version` of `product` is told.
    pub async fn decide(&self, product: &str, version: &str) -> Value {
        let request =
            json!({ "products": [{ "product_id": product, "current_version": version }] });
        self.post("/v1/decision", request).await.expect(200)["decisions"][0].clone()
    }
}
