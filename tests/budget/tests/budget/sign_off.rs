//! What changes cost that wait for sign-off, and their approvals.

use slipway_test_support::{Call, World, json, text};

use crate::operations::CostMeter;

const PRODUCT: &str = "prod_signed";

impl CostMeter {
    /// A publication that waits, its approval, and the publication that is made then.
    pub async fn sign_off(&mut self) {
        let product = json!({
            "product_id": PRODUCT, "name": "Signed",
            "channel_sign_off": { "stable": { "required_approvals": 1 } },
        });
        self.fixture.world.post("/v1/products", product).await.expect(201);
        let artifact = self.fixture.world.external(1).await;
        let release = World::release_of(PRODUCT, "1.0.0", "stable", &artifact);
        let create = "release-create";
        let waits = self.with(create, "that waits for sign-off", "/v1/releases", &release).await;
        self.with(create, "that waits for it still", "/v1/releases", &release).await;
        let path = format!("/v1/approvals/{}", text(&waits, "approval_id"));
        self.plain("approval-list", "1 approval", "/v1/approvals").await;
        let of_product = format!("/v1/approvals?product_id={PRODUCT}");
        self.plain("approval-list", "of a product", of_product).await;
        self.plain("approval-get", "", &path).await;
        let secret = self.fixture.world.secret(json!({ "scopes": ["ci:write"] })).await;
        let seen = json!({ "change_sha256": waits["change_sha256"] });
        let approve = Call::new("approval-approve", format!("{path}/approve"));
        self.pay("", approve.json(&seen).bearer(&secret)).await;
        self.with(create, "that was approved", "/v1/releases", &release).await;
        let release = World::release_of(PRODUCT, "1.1.0", "stable", &artifact);
        let waits = self.fixture.world.post("/v1/releases", release).await.expect(202);
        let path = format!("/v1/approvals/{}/reject", text(&waits, "approval_id"));
        self.with("approval-reject", "", path, &json!({})).await;
    }
}
