//! `DELETE /v1/releases/{release_id}`

use slipway_test_support::{World, json, release_path};

#[tokio::test]
async fn deleting_a_draft_frees_its_version() {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    let answer = world.delete(&release_path(&draft, "")).await;
    assert!(answer.header("x-request-id").is_some());
    assert!(answer.expect(204).is_null());
    world.get(&release_path(&draft, "")).await.refused(404, "not_found", None);
    world.delete(&release_path(&draft, "")).await.refused(404, "not_found", None);
    let release = world.release("prod_app", "1.0.0").await;
    assert_ne!(release["release_id"], draft["release_id"]);
    world.post(&release_path(&draft, "/publish"), json!({})).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn what_was_published_once_is_not_deleted() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    world.delete(&release_path(&release, "")).await.refused(409, "stale_state", None);
    world.revoke(&release).await;
    world.delete(&release_path(&release, "")).await.refused(409, "stale_state", None);
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200)["status"], "revoked");
}
