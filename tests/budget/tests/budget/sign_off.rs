//! What changes cost that wait for sign-off, and their approvals.

use slipway_test_support::{Call, Value, World, json, release_path, text};

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
        let mut release = World::release_of(PRODUCT, "1.0.0", "stable", &artifact);
        release["rollout"] = json!({ "percent": 10 });
        let create = "release-create";
        let waits = self.with(create, "that waits for sign-off", "/v1/releases", &release).await;
        self.with(create, "that waits for it still", "/v1/releases", &release).await;
        let path = format!("/v1/approvals/{}", text(&waits, "approval_id"));
        self.plain("approval-list", "1 approval", "/v1/approvals").await;
        let of_product = format!("/v1/approvals?product_id={PRODUCT}");
        self.plain("approval-list", "of a product", of_product).await;
        self.plain("approval-get", "", &path).await;
        self.plain("approval-effect", "of a creation", format!("{path}/effect")).await;
        let secret = self.fixture.world.secret(json!({ "scopes": ["ci:write"] })).await;
        let seen = json!({ "change_sha256": waits["change_sha256"] });
        let approve = Call::new("approval-approve", format!("{path}/approve"));
        self.pay("", approve.json(&seen).bearer(&secret)).await;
        let live = self.with(create, "that was approved", "/v1/releases", &release).await;
        let release = World::release_of(PRODUCT, "1.1.0", "stable", &artifact);
        let waits = self.fixture.world.post("/v1/releases", release).await.expect(202);
        let path = format!("/v1/approvals/{}/reject", text(&waits, "approval_id"));
        self.with("approval-reject", "", path, &json!({})).await;
        self.waiting(&live, &artifact).await;
    }

    /// Each other operation, with a change that waits.
    async fn waiting(&mut self, live: &Value, artifact: &str) {
        let case = "that waits for sign-off";
        let mut draft = World::release_of(PRODUCT, "2.0.0", "stable", artifact);
        draft["draft"] = json!(true);
        let draft = self.fixture.world.post("/v1/releases", draft).await.expect(201);
        self.with("release-publish", case, release_path(&draft, "/publish"), &json!({})).await;
        let all = json!({ "percent": 100 });
        let waits = self.with("release-rollout", case, release_path(live, "/rollout"), &all).await;
        let effect = format!("/v1/approvals/{}/effect", text(&waits, "approval_id"));
        self.plain("approval-effect", "of a rollout", effect).await;
        let notes = json!({ "metadata": { "release_notes": "https://example.com/notes" } });
        self.with("release-update", case, release_path(live, ""), &notes).await;
        let beta = World::release_of(PRODUCT, "3.0.0", "beta", artifact);
        let beta = self.fixture.world.post("/v1/releases", beta).await.expect(201);
        let stable = json!({ "channel": "stable" });
        self.with("release-promote", case, release_path(&beta, "/promote"), &stable).await;
        let stronger = json!({ "channel_sign_off": { "stable": { "required_approvals": 2 } } });
        let product = format!("/v1/products/{PRODUCT}");
        self.with("product-update", "that raises a sign-off", product.clone(), &stronger).await;
        let weaker = json!({ "channel_sign_off": {} });
        self.with("product-update", case, product, &weaker).await;
    }
}
