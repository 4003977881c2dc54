//! `GET /v1/tokens`

use slipway_test_support::World;

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
