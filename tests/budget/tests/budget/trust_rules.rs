//! What trust rules cost, and the tokens that jobs get by them.

use slipway_test_support::{AUDIENCE, Call, Value, json, text};

use crate::budget_world::clock;
use crate::operations::CostMeter;

impl CostMeter {
    /// Pays for trust rules, exchanges, and what is done with an exchanged token.
    pub async fn trust_rules(&mut self) {
        let rule = self.with("trust-create", "", "/v1/trust-rules", &self.new_rule()).await;
        let path = format!("/v1/trust-rules/{}", text(&rule, "trust_rule_id"));
        self.plain("trust-list", "1 rule", "/v1/trust-rules").await;
        self.plain("trust-get", "", &path).await;
        let exchange = json!({ "trust_rule_id": rule["trust_rule_id"], "token": self.jwt() });
        let exchange = Call::new("token-exchange", "/v1/tokens/exchange").json(&exchange);
        let token = self.pay("", exchange).await;
        let by_token = Call::new("product-get", "/v1/products/prod_p0");
        self.pay("by id, with an exchanged token", by_token.bearer(text(&token, "secret"))).await;
        self.plain("trust-delete", "", &path).await;
        let admin = json!({ "name": "admin", "scopes": ["admin:write", "releases:read"] });
        let admin = self.fixture.world.post("/v1/tokens", admin).await.expect(201);
        let by_admin =
            self.fixture.world.post_as(text(&admin, "secret"), "/v1/trust-rules", self.new_rule());
        by_admin.await.expect(201);
        let path = format!("/v1/tokens/{}", text(&admin, "token_id"));
        self.plain("token-revoke", "that has created a trust rule", path).await;
    }

    fn new_rule(&self) -> Value {
        json!({
            "name": "ci", "issuer": self.fixture.issuer.url(), "audience": AUDIENCE,
            "conditions": { "repository": "acme/app" }, "scopes": ["releases:read"],
        })
    }

    fn jwt(&self) -> String {
        let end = clock().now().as_second() + 300;
        let claims = json!({
            "iss": self.fixture.issuer.url(), "aud": AUDIENCE, "exp": end, "jti": "1",
            "sub": "repo:acme/app:ref:refs/heads/main", "repository": "acme/app",
        });
        self.fixture.issuer.token("a", &claims)
    }
}
