//! `POST /v1/releases/{release_id}/publish`

use slipway_test_support::{Value, World, json, release_path};

async fn draft_with_artifact(world: &World) -> Value {
    world.product("prod_app").await;
    let mut body = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    body["draft"] = json!(true);
    world.post("/v1/releases", body).await.expect(201)
}

#[tokio::test]
async fn a_draft_is_published_and_clients_get_it() {
    let world = World::start().await;
    let draft = draft_with_artifact(&world).await;
    let release = world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    assert_eq!(
        (&release["status"], &release["release_id"]),
        (&json!("published"), &draft["release_id"])
    );
    assert!(release["published_at"].is_string());
    assert_eq!(world.decide("prod_app", "0.9.0").await["version"], "1.0.0");
}

#[tokio::test]
async fn publishing_twice_is_answered_the_same() {
    let world = World::start().await;
    let draft = draft_with_artifact(&world).await;
    let first = world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    assert_eq!(world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200), first);
}

#[tokio::test]
async fn a_draft_without_artifacts_and_a_revoked_release_can_not_be_published() {
    let world = World::start().await;
    world.product("prod_app").await;
    let empty = world.draft("prod_app", "1.0.0").await;
    world.post(&release_path(&empty, "/publish"), json!({})).await.refused(
        422,
        "artifact_not_ready",
        None,
    );
    let release = world.release("prod_app", "2.0.0").await;
    world.revoke(&release).await;
    let refused = world.post(&release_path(&release, "/publish"), json!({})).await;
    refused.refused(409, "stale_state", None);
    assert_eq!(refused.body["error"]["details"]["status"], "revoked");
    assert_eq!(world.get(&release_path(&empty, "")).await.expect(200), empty);
}
