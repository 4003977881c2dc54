//! Products, tenants, tokens and releases of a scenario.

use serde_json::{Value, json};
use slipway_tests_deployed::Api;

/// What a scenario begins with: a product, a tenant that may have everything, and two tokens.
pub struct Fixtures {
    pub product: String,
    pub tenant: String,
    /// Publishes releases of the product alone.
    pub ci: Api,
    /// Reads what the tenant may have.
    pub mirror: Api,
    pub mirror_token: String,
}

impl Fixtures {
    /// Makes all of it; `name` is the scenario's own.
    pub async fn make(api: &Api, name: &str) -> Self {
        let (product, tenant) = (format!("prod_{name}"), format!("tenant_{name}"));
        api.post("/v1/products", json!({ "product_id": product, "name": name })).await;
        let customer = json!({ "tenant_id": tenant, "name": name, "products": "*" });
        api.post("/v1/tenants", customer).await;
        let scopes = json!(["artifacts:write", "ci:write"]);
        let ci = json!({ "name": "ci", "scopes": scopes, "product_ids": [product] });
        let ci = api.post("/v1/tokens", ci).await;
        let mirror = json!({ "name": "mirror", "scopes": ["mirrors:read"], "tenant_id": tenant });
        let mirror = api.post("/v1/tokens", mirror).await;
        Self {
            product,
            tenant,
            ci: api.as_holder(&ci["secret"]),
            mirror: api.as_holder(&mirror["secret"]),
            mirror_token: text(&mirror["secret"]).to_owned(),
        }
    }

    /// A release of `artifact`, as a request.
    pub fn release(&self, version: &str, artifact: &Value) -> Value {
        let artifact = json!({
            "artifact_id": artifact, "platform": "windows", "arch": "x86_64",
            "installer_type": "msi",
        });
        json!({
            "product_id": self.product, "version": version, "channel": "stable",
            "artifacts": [artifact],
        })
    }

    /// A draft of a release on the channel beta, as a request.
    pub fn draft(&self, version: &str) -> Value {
        json!({
            "product_id": self.product, "version": version, "channel": "beta", "draft": true,
        })
    }

    /// What a client with `version` is told.
    pub async fn decision(&self, api: &Api, version: &str) -> Value {
        let product = json!({
            "product_id": self.product, "current_version": version, "tenant_id": self.tenant,
        });
        let answer = api.as_anybody().post("/v1/decision", json!({ "products": [product] })).await;
        answer["decisions"][0].clone()
    }
}

/// `value`, which is a text.
pub fn text(value: &Value) -> &str {
    assert!(value.is_string(), "no text: {value}");
    value.as_str().unwrap()
}
