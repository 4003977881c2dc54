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

/// A text member of an object.
#[track_caller]
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {value:#}"))
}

/// The path of a release, and what comes after it.
pub fn release_path(release: &Value, rest: &str) -> String {
    format!("/v1/releases/{}{rest}", text(release, "release_id"))
}

/// The path of an upload, and what comes after it.
pub fn upload_path(upload: &Value, rest: &str) -> String {
    format!("/v1/artifacts/uploads/{}{rest}", text(upload, "upload_id"))
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
        self.publish(product, version, "stable").await
    }

    /// Publishes a version of a product on a channel, with an external artifact of its own.
    pub async fn publish(&self, product: &str, version: &str, channel: &str) -> Value {
        let seed = |seed: u64, byte: u8| seed.wrapping_mul(31).wrapping_add(byte.into());
        let artifact = self.external(version.bytes().chain(channel.bytes()).fold(7, seed)).await;
        let request = Self::release_of(product, version, channel, &artifact);
        self.post("/v1/releases", request).await.expect(201)
    }

    /// A draft on `stable`, without artifacts.
    pub async fn draft(&self, product: &str, version: &str) -> Value {
        let request = json!({ "product_id": product, "version": version });
        self.post("/v1/releases", request).await.expect(201)
    }

    /// Revokes a release.
    pub async fn revoke(&self, release: &Value) -> Value {
        let reason = json!({ "reason": "crashes at start" });
        self.post(&release_path(release, "/revoke"), reason).await.expect(200)
    }

    /// A tenant with this id that may have `products`: a list, or `"*"`.
    pub async fn tenant(&self, id: &str, products: Value) -> Value {
        let tenant = json!({ "tenant_id": id, "name": id, "products": products });
        self.post("/v1/tenants", tenant).await.expect(201)
    }

    /// What snapshot-generate answers for a tenant, which has to succeed.
    pub async fn generate_snapshot(&self, request: Value) -> Value {
        let answer = self.post("/v1/snapshots/generate", request).await;
        assert!(matches!(answer.status, 200 | 201), "{:#}", answer.body);
        answer.body
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
