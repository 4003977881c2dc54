//! The changes of promotions of release bundles.

use slipway_test_support::{Value, json, text};

use super::every_kind::Audited;

impl Audited {
    /// Makes each change of a promotion of `bundle`, which is ready, once.
    pub(super) async fn promotions(&mut self, bundle: &Value) {
        let place = "/api/v1/promotions";
        let environment = json!({ "name": "staging", "requiredApprovals": 1 });
        let environment = self.world.post("/api/v1/environments", environment).await.expect(201);
        let new = json!({
            "releaseId": bundle["id"], "targetEnvironmentId": environment["id"],
            "reason": "The weekly release.",
        });
        let path = |promotion: &Value, rest| format!("{place}/{}{rest}", text(promotion, "id"));
        let rejected = self.act("promotion-create", place, new.clone()).await;
        let reason = json!({ "reason": "Not on a Friday." });
        self.act("promotion-reject", &path(&rejected, "/reject"), reason).await;
        let requester = self.world.secret(json!({ "scopes": ["bundles:write"] })).await;
        let promotion = self.world.post_as(&requester, place, new).await.expect(201);
        self.act("promotion-approve", &path(&promotion, "/approve"), json!({})).await;
        let end = json!({ "status": "deployed" });
        self.act("promotion-complete", &path(&promotion, "/complete"), end).await;
    }
}
