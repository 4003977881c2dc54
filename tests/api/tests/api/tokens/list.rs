//! `GET /v1/tokens`

use slipway_test_support::{World, json, text};

use crate::assertions::each;

#[tokio::test]
async fn tokens_are_listed_newest_first_those_that_no_longer_work_among_them() {
    let world = World::start().await;
    let (first, _) = world.token(&["ci:write"]).await;
    let (second, _) = world.token(&["ci:write"]).await;
    world.delete(&format!("/v1/tokens/{first}")).await.expect(204);
    let list = world.get("/v1/tokens").await.expect(200);
    assert_eq!(each(&list["tokens"], "token_id"), [&second, &first]);
    assert!(
        list["tokens"][1]["revoked_at"].is_string() && list["tokens"][0]["revoked_at"].is_null()
    );
}

#[tokio::test]
async fn what_somebody_has_created_is_found_to_be_revoked() {
    let world = World::start().await;
    let (admin, secret) = world.token(&["admin:write", "admin:read"]).await;
    let theirs = json!({ "name": "CI", "scopes": ["admin:read"] });
    let theirs = world.post_as(&secret, "/v1/tokens", theirs).await.expect(201);
    for (creator, expected) in [
        (admin.as_str(), vec![text(&theirs, "token_id")]),
        ("bootstrap", vec![&admin]),
        ("oidc:alice", vec![]),
    ] {
        let list = world.get(&format!("/v1/tokens?created_by={creator}")).await.expect(200);
        assert_eq!(each(&list["tokens"], "token_id"), expected, "{creator}");
    }
    world.get("/v1/tokens?created_by=").await.refused(400, "invalid_field", Some("created_by"));
}
