//! `DELETE /v1/trust-rules/{trust_rule_id}`

use slipway_test_support::{CiWorld, json, text};

#[tokio::test]
async fn deleting_a_rule_ends_its_tokens_at_once_and_those_of_no_other() {
    let ci = CiWorld::start().await;
    let [rule, other] = [ci.rule(&json!({})).await, ci.rule(&json!({})).await];
    let [token, kept] = [ci.token(&rule).await, ci.token(&other).await];
    let read = async |token| ci.world.get_as(text(token, "secret"), "/v1/releases").await;
    read(&token).await.expect(200);
    ci.world.delete(&format!("/v1/trust-rules/{rule}")).await.expect(204);
    read(&token).await.refused(401, "unauthenticated", None);
    read(&kept).await.expect(200);
    let refused = ci.exchange(&rule, &ci.jwt(&json!({}))).await;
    refused.refused(404, "not_found", Some("trust_rule_id"));
    let again = ci.world.delete(&format!("/v1/trust-rules/{rule}")).await;
    again.refused(404, "not_found", None);
}
