//! `DELETE /v1/releases/{release_id}`

use slipway_test_support::{World, json};

use crate::assertions::{at, draft, revoke};

#[tokio::test]
async fn deleting_a_draft_frees_its_version() {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = draft(&world, "prod_app", "1.0.0").await;
    let answer = world.delete(&at(&draft, "")).await;
    assert!(answer.header("x-request-id").is_some());
    assert!(answer.expect(204).is_null());
    world.get(&at(&draft, "")).await.refused(404, "not_found", None);
    world.delete(&at(&draft, "")).await.refused(404, "not_found", None);
    let release = world.release("prod_app", "1.0.0").await;
    assert_ne!(release["release_id"], draft["release_id"]);
    world.post(&at(&draft, "/publish"), json!({})).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn what_was_published_once_is_not_deleted() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    world.delete(&at(&release, "")).await.refused(409, "stale_state", None);
    revoke(&world, &release).await;
    world.delete(&at(&release, "")).await.refused(409, "stale_state", None);
    assert_eq!(world.get(&at(&release, "")).await.expect(200)["status"], "revoked");
}
