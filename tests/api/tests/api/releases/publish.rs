//! `POST /v1/releases/{release_id}/publish`

use slipway_test_support::{Value, World, json, release_path, text};

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

#[tokio::test]
async fn a_draft_waits_while_its_channel_is_removed() {
    let world = World::start().await;
    let product = json!({ "product_id": "prod_app", "name": "App", "channels": ["nightly"] });
    world.post("/v1/products", product).await.expect(201);
    let mut body = World::release_of("prod_app", "2.0.0", "nightly", &world.external(2).await);
    body["draft"] = json!(true);
    let draft = world.post("/v1/releases", body).await.expect(201);
    world.patch("/v1/products/prod_app", json!({ "channels": [] })).await.expect(200);

    let refused = world.post(&release_path(&draft, "/publish"), json!({})).await;
    refused.refused(422, "unknown_channel", Some("channel"));
    assert_eq!(world.get(&release_path(&draft, "")).await.expect(200), draft);

    world.patch("/v1/products/prod_app", json!({ "channels": ["nightly"] })).await.expect(200);
    world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
}

#[tokio::test]
async fn a_prerelease_on_stable_is_published_if_the_product_or_the_request_says_so() {
    let world = World::start().await;
    world.product("prod_app").await;
    let artifact = world.external(1).await;
    let draft = async |version: &str| {
        let mut body = World::release_of("prod_app", version, "stable", &artifact);
        body["draft"] = json!(true);
        world.post("/v1/releases", body.clone()).await.refused(
            422,
            "prerelease_not_allowed",
            Some("version"),
        );
        body["allow_prerelease"] = json!(true);
        world.post("/v1/releases", body).await.expect(201)
    };
    let (one, two) = (draft("1.0.0-rc.1").await, draft("1.0.0-rc.2").await);
    let publish = async |release, body| world.post(&release_path(release, "/publish"), body).await;
    publish(&one, json!({})).await.refused(422, "prerelease_not_allowed", Some("version"));
    assert_eq!(world.get(&release_path(&one, "")).await.expect(200), one);
    let published = publish(&one, json!({ "allow_prerelease": true })).await.expect(200);
    assert_eq!(publish(&one, json!({})).await.expect(200), published);
    let allow = json!({ "allow_prerelease_on": ["stable"] });
    world.patch("/v1/products/prod_app", allow).await.expect(200);
    publish(&two, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_revoked_release_says_when_and_why_it_was_revoked() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "2.0.0").await;
    let revoked = world.revoke(&release).await;
    for (verb, body) in [("/publish", json!({})), ("/promote", json!({ "channel": "beta" }))] {
        let refused = world.post(&release_path(&release, verb), body).await;
        refused.refused(409, "stale_state", None);
        for same in ["status", "revoked_at", "revoked_by", "reason"] {
            assert_eq!(refused.body["error"]["details"][same], revoked[same], "{same}");
        }
        let message = text(&refused.body["error"], "message");
        assert!(message.contains("crashes at start"), "{message}");
    }
}

#[tokio::test]
async fn a_draft_is_published_with_the_artifacts_that_are_expected() {
    let world = World::start().await;
    let draft = draft_with_artifact(&world).await;
    let path = release_path(&draft, "/publish");
    let refused = world.post(&path, json!({ "expected_artifacts": 2 })).await;
    refused.refused(422, "artifact_not_ready", Some("expected_artifacts"));
    assert_eq!(refused.body["error"]["details"], json!({ "expected": 2, "present": 1 }));
    for wrong in [json!(0), json!(51), json!(-1), json!("1")] {
        let refused = world.post(&path, json!({ "expected_artifacts": wrong })).await;
        refused.refused(400, "invalid_field", Some("expected_artifacts"));
    }
    assert_eq!(world.get(&release_path(&draft, "")).await.expect(200), draft);
    let request = json!({ "expected_artifacts": 1 });
    let published = world.post(&path, request.clone()).await.expect(200);
    assert_eq!(world.post(&path, request).await.expect(200), published);
    let refused = world.post(&path, json!({ "expected_artifacts": 2 })).await;
    refused.refused(422, "artifact_not_ready", Some("expected_artifacts"));
}

#[tokio::test]
async fn a_draft_is_published_with_a_rollout_that_a_repetition_does_not_reset() {
    let world = World::start().await;
    let draft = draft_with_artifact(&world).await;
    let path = release_path(&draft, "/publish");
    let request = json!({ "rollout": { "basis_points": 100 } });
    let published = world.post(&path, request.clone()).await.expect(200);
    assert_eq!(published["rollout"]["basis_points"], 100);
    world.put(&release_path(&draft, "/rollout"), json!({ "basis_points": 5000 })).await.expect(200);
    let again = world.post(&path, request).await.expect(200);
    assert_eq!(again["rollout"]["basis_points"], 5000);
    let refused = world.post(&path, json!({ "rollout": { "basis_points": 10_001 } })).await;
    refused.refused(400, "invalid_field", Some("rollout.basis_points"));
}
