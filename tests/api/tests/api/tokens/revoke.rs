//! `DELETE /v1/tokens/{token_id}`

use slipway_test_support::{World, json, text};

#[tokio::test]
async fn a_revoked_token_stops_working_at_once_and_revoking_it_again_is_fine() {
    let world = World::start().await;
    let (id, secret) = world.token(&["releases:read"]).await;
    world.get_as(&secret, "/v1/releases").await.expect(200);
    world.delete(&format!("/v1/tokens/{id}")).await.expect(204);
    let revoked_at = world.get("/v1/tokens").await.expect(200)["tokens"][0]["revoked_at"].clone();
    world.get_as(&secret, "/v1/releases").await.refused(401, "unauthenticated", None);
    world.delete(&format!("/v1/tokens/{id}")).await.expect(204);
    assert_eq!(world.get("/v1/tokens").await.expect(200)["tokens"][0]["revoked_at"], revoked_at);
    world.delete("/v1/tokens/tok_none").await.refused(404, "not_found", None);
}

#[tokio::test]
async fn what_a_revoked_token_has_created_is_revoked_with_it() {
    let world = World::start().await;
    let (id, minter) = world.token(&["admin:write", "releases:read"]).await;
    let mint = async |minter: &str, scopes: &[&str]| {
        let body = json!({ "name": "t", "scopes": scopes });
        let token = world.post_as(minter, "/v1/tokens", body).await.expect(201);
        text(&token, "secret").to_owned()
    };
    let child = mint(&minter, &["admin:write", "releases:read"]).await;
    let grandchild = mint(&child, &["releases:read"]).await;
    let (_, other) = world.token(&["releases:read"]).await;
    world.get_as(&grandchild, "/v1/releases").await.expect(200);
    world.delete(&format!("/v1/tokens/{id}")).await.expect(204);
    for secret in [&minter, &child, &grandchild] {
        world.get_as(secret, "/v1/releases").await.refused(401, "unauthenticated", None);
    }
    world.get_as(&other, "/v1/releases").await.expect(200);
}

#[tokio::test]
async fn a_token_that_is_revoked_while_it_creates_others_leaves_none_behind() {
    let world = World::start().await;
    let (id, minter) = world.token(&["admin:write", "releases:read"]).await;
    let body = json!({ "name": "t", "scopes": ["releases:read"] });
    let path = format!("/v1/tokens/{id}");
    let minting = (0..40).map(|_| world.post_as(&minter, "/v1/tokens", body.clone()));
    let (answers, revoked) =
        futures::future::join(futures::future::join_all(minting), world.delete(&path)).await;
    revoked.expect(204);
    // What was found in the index too late is revoked by asking again.
    world.delete(&path).await.expect(204);
    for token in answers.iter().filter(|answer| answer.status == 201) {
        let secret = text(&token.body, "secret");
        world.get_as(secret, "/v1/releases").await.refused(401, "unauthenticated", None);
    }
}
