//! `DELETE /v1/tokens/{token_id}`

use slipway_test_support::World;

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
