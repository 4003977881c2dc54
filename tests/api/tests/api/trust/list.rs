//! `GET /v1/trust-rules`

use slipway_test_support::{CiWorld, json};

use crate::assertions::each;

#[tokio::test]
async fn rules_are_listed_newest_first() {
    let ci = CiWorld::start().await;
    assert_eq!(ci.world.get("/v1/trust-rules").await.expect(200)["trust_rules"], json!([]));
    for name in ["first", "second"] {
        ci.rule(&json!({ "name": name })).await;
    }
    let listed = ci.world.get("/v1/trust-rules").await.expect(200);
    assert_eq!(each(&listed["trust_rules"], "name"), ["second", "first"]);
}
