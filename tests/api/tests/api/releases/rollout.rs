//! `PUT /v1/releases/{release_id}/rollout`

use slipway_test_support::{World, json, release_path};

#[tokio::test]
async fn a_rollout_is_changed_and_shown() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let changed = world
        .put(&release_path(&release, "/rollout"), json!({ "basis_points": 2500 }))
        .await
        .expect(200);
    assert_eq!(changed["rollout"], json!({ "basis_points": 2500, "paused": false }));
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), changed);
    let paused = world
        .put(&release_path(&release, "/rollout"), json!({ "basis_points": 2500, "paused": true }))
        .await
        .expect(200);
    assert_eq!(paused["rollout"]["paused"], true);
    assert_eq!(world.decide("prod_app", "0.9.0").await["reason"], "held_back");
    let again = world
        .put(&release_path(&release, "/rollout"), json!({ "basis_points": 2500, "paused": true }))
        .await
        .expect(200);
    assert_eq!(again, paused);
}

#[tokio::test]
async fn a_draft_keeps_its_rollout_until_it_is_published() {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut body = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    body["draft"] = json!(true);
    let draft = world.post("/v1/releases", body).await.expect(201);
    world.put(&release_path(&draft, "/rollout"), json!({ "basis_points": 0 })).await.expect(200);
    world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    assert_eq!(world.decide("prod_app", "0.9.0").await["reason"], "held_back");
}

#[tokio::test]
async fn a_share_above_all_and_a_revoked_release_are_refused() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    for (body, field) in [
        (json!({ "basis_points": 10_001 }), "basis_points"),
        (json!({ "basis_points": -1 }), "basis_points"),
        (json!({ "basis_points": 0.5 }), "basis_points"),
        (json!({}), "basis_points"),
        (json!({ "basis_points": 1, "paused": "yes" }), "paused"),
    ] {
        world.put(&release_path(&release, "/rollout"), body).await.refused(
            400,
            "invalid_field",
            Some(field),
        );
    }
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), release);
    world.revoke(&release).await;
    world.put(&release_path(&release, "/rollout"), json!({ "basis_points": 1 })).await.refused(
        409,
        "stale_state",
        None,
    );
    let draft = world.draft("prod_app", "2.0.0").await;
    world.put(&release_path(&draft, "/rollout"), json!({ "basis_points": 10_001 })).await.refused(
        400,
        "invalid_field",
        Some("basis_points"),
    );
}
