//! Policies of all four levels, and changes that wait for an approval.

use reqwest::Method;
use serde_json::{Value, json};
use slipway_tests_deployed::Stack;

use crate::bytes::{made_of, uploaded};
use crate::fixtures::{Fixtures, text};

#[tokio::test]
async fn a_policy_of_each_level_is_set_read_and_removed() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "policies").await;
    let (product, tenant) = (&fixtures.product, &fixtures.tenant);
    for path in [
        format!("/v1/products/{product}/policy"),
        format!("/v1/tenants/{tenant}/policy"),
        format!("/v1/tenants/{tenant}/policies/{product}"),
    ] {
        let blocked = json!({ "mode": "DOWNLOAD_ONLY", "blocked_versions": ["6.6.6"] });
        stack.api.put(&path, blocked).await;
        assert_eq!(stack.api.get(&path).await["mode"], "DOWNLOAD_ONLY", "{path}");
        stack.api.get(&format!("/v1/tenants/{tenant}/policies")).await;
        stack.api.delete(&path).await;
    }
    // Other scenarios ask for decisions meanwhile: this one blocks what none of them publishes.
    let blocked = json!({ "blocked_versions": ["6.6.6"] });
    stack.api.put("/v1/policy", blocked.clone()).await;
    let policy = stack.api.get("/v1/policy").await;
    assert_eq!(policy["blocked_versions"], blocked["blocked_versions"], "{policy}");
    stack.api.delete("/v1/policy").await;
    let gone = stack.api.send(Method::GET, "/v1/policy", None).await;
    assert_eq!(gone.body["error"]["code"], "not_found", "{gone:?}");
}

#[tokio::test]
async fn a_publication_waits_for_somebody_else_to_approve_it() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "sign-off").await;
    let rule = json!({ "channel_sign_off": { "stable": { "required_approvals": 1 } } });
    stack.api.patch(&format!("/v1/products/{}", fixtures.product), rule).await;
    let artifact = uploaded(&fixtures.ci, made_of("sign-off", 3000)).await;
    let request = fixtures.release("1.0.0", &artifact);
    let asked = fixtures.ci.post("/v1/releases", request.clone()).await;
    let path = format!("/v1/approvals/{}", text(&asked["approval_id"]));
    for read in ["", "/effect"] {
        stack.api.get(&format!("{path}{read}")).await;
    }
    stack.api.get("/v1/approvals").await;
    let change = json!({ "change_sha256": asked["change_sha256"] });
    stack.api.post(&format!("{path}/approve"), change).await;
    let release = fixtures.ci.post("/v1/releases", request).await;
    assert_eq!(release["status"], "published", "{release}");
    let next = fixtures.ci.post("/v1/releases", fixtures.release("1.1.0", &artifact)).await;
    let path = format!("/v1/approvals/{}/reject", text(&next["approval_id"]));
    let rejected = stack.api.post(&path, json!({})).await;
    assert_eq!(rejected["status"], "rejected", "{rejected}");
    assert_ne!(rejected["approval_id"], Value::Null);
}
