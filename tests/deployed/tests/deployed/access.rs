//! Tokens, and the trust rules by which CI jobs get theirs.

use serde_json::{Value, json};
use slipway_tests_deployed::Stack;

use crate::fixtures::{Fixtures, text};

#[tokio::test]
async fn a_token_ends_with_its_revocation() {
    let Some(stack) = Stack::find() else { return };
    let token = json!({ "name": "short-lived", "scopes": ["releases:read"] });
    let token = stack.api.post("/v1/tokens", token).await;
    let holder = stack.api.as_holder(&token["secret"]);
    holder.get("/v1/products").await;
    holder.get("/v1/me").await;
    stack.api.delete(&format!("/v1/tokens/{}", text(&token["token_id"]))).await;
    holder.refused("/v1/decision/explain", json!({}), "unauthenticated").await;
}

#[tokio::test]
async fn a_job_that_no_issuer_vouches_for_gets_no_token() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "trust").await;
    let rule = json!({
        "name": "desktop", "issuer": "https://token.actions.githubusercontent.com",
        "audience": "https://slipway.example", "conditions": { "repository": "acme/desktop" },
        "scopes": ["ci:write"], "product_ids": [fixtures.product],
    });
    let rule = stack.api.post("/v1/trust-rules", rule).await;
    let path = format!("/v1/trust-rules/{}", text(&rule["trust_rule_id"]));
    for read in [&path, "/v1/trust-rules"] {
        stack.api.get(read).await;
    }
    let exchange = json!({ "trust_rule_id": rule["trust_rule_id"], "token": "no.jwt.atall" });
    stack.api.as_anybody().refused("/v1/tokens/exchange", exchange, "jwt_malformed").await;
    stack.api.delete(&path).await;
}

#[tokio::test]
async fn what_somebody_else_has_is_registered_and_looked_at() {
    let Some(stack) = Stack::find() else { return };
    let external = json!({
        "source_type": "EXTERNAL", "sha256": "9f".repeat(32), "size_bytes": 1000,
        "external_url": "https://downloads.example.com/client.msi",
    });
    let external = stack.api.post("/v1/artifacts", external).await;
    let path = format!("/v1/artifacts/{}", text(&external["artifact_id"]));
    assert_eq!(stack.api.get(&path).await["check"], Value::Null);
    stack.api.post(&format!("{path}/verify"), Value::Null).await;
    // A job tries to fetch it. Nobody has the host's name.
    let checked = stack.api.eventually(&path, |artifact| !artifact["check"].is_null()).await;
    assert_eq!(checked["check"]["outcome"], "unreachable", "{checked}");
    assert_eq!(checked["verified"], false, "{checked}");
}
