//! `GET /v1/trust-rules/{trust_rule_id}`

use slipway_test_support::{CiWorld, json, text};

#[tokio::test]
async fn a_rule_is_found_by_its_id() {
    let ci = CiWorld::start().await;
    let rule = ci.trust(&json!({})).await.expect(201);
    let path = format!("/v1/trust-rules/{}", text(&rule, "trust_rule_id"));
    assert_eq!(ci.world.get(&path).await.expect(200), rule);
    ci.world.get("/v1/trust-rules/trust_none").await.refused(404, "not_found", None);
    ci.world.get("/v1/trust-rules/tok_1").await.refused(
        400,
        "invalid_field",
        Some("trust_rule_id"),
    );
}

#[tokio::test]
async fn whoever_is_bound_to_anything_knows_of_no_rule() {
    let ci = CiWorld::start().await;
    let rule = ci.rule(&json!({})).await;
    let token = ci.token(&rule).await;
    let answer = ci.world.get_as(text(&token, "secret"), &format!("/v1/trust-rules/{rule}")).await;
    answer.refused(403, "forbidden", None);
}
