//! `POST /v1/releases/{release_id}/artifacts` for what was uploaded with release-artifact-presign.

use slipway_test_support::{
    Method, TestResponse, Value, World, artifact_of, file, json, registration, release_path, text,
};

use crate::assertions::has_members;

async fn draft() -> (World, Value) {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    (world, draft)
}

/// `body` with another value of a member.
fn with(body: &Value, member: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[member] = value;
    body
}

#[track_caller]
fn refused_with(refused: &TestResponse, status: u16, code: &str, message: &str) {
    assert_eq!(refused.status, status, "{:#}", refused.body);
    let error = &refused.body["error"];
    assert_eq!((&error["code"], &error["message"]), (&json!(code), &json!(message)));
}

#[tokio::test]
async fn what_was_sent_is_verified_served_decided_on_and_in_snapshots() {
    let (world, draft) = draft().await;
    world.tenant("tenant_acme", json!("*")).await;
    let (bytes, sha256) = file(1, 5_000);
    let (presigned, body) = world.sent(&draft, 1, 5_000).await;
    let registered = world.register(&draft, &body).await.expect(200);
    has_members(
        &registered,
        &["id", "release_id", "object_key", "checksum", "size", "platform", "created_at"],
    );
    assert_eq!(registered["id"], presigned["artifact_id"]);
    assert_eq!(registered["object_key"], presigned["object_key"]);
    assert_eq!(registered["release_id"], draft["release_id"]);
    assert_eq!((&registered["checksum"], &registered["size"]), (&json!(sha256), &json!(5_000)));
    assert_eq!(registered["platform"], "linux-x86_64");
    assert!(registered["created_at"].as_i64().unwrap() > 1_700_000_000);

    let id = artifact_of(&registered["id"]);
    let artifact = world.get(&format!("/v1/artifacts/{}", id.as_str().unwrap())).await.expect(200);
    assert_eq!(
        (&artifact["source_type"], &artifact["verified"]),
        (&json!("MANAGED"), &json!(true))
    );
    assert_eq!(artifact["filename"], "linux.tar.gz");
    assert!(world.download(&id).await == bytes);
    world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    let decision = world.decide("prod_app", "0.1.0").await;
    let offered = &decision["artifacts"][0];
    assert_eq!((&offered["artifact_id"], &offered["sha256"]), (&id, &json!(sha256)));
    assert_eq!((&offered["platform"], &offered["arch"]), (&json!("linux"), &json!("x86_64")));
    assert_eq!(offered["installer_type"], "tar.gz");
    let snapshot = world.generate_snapshot(json!({ "tenant_id": "tenant_acme" })).await;
    let path = format!("/v1/snapshots/{}/bundle", text(&snapshot, "snapshot_id"));
    assert!(world.get(&path).await.body.to_string().contains(&sha256));
}

#[tokio::test]
async fn a_wrong_checksum_or_size_changes_nothing_and_can_be_corrected() {
    let (world, draft) = draft().await;
    let (_, body) = world.sent(&draft, 1, 5_000).await;
    let rows = world.rows().await;
    let (_, other) = file(2, 5_000);
    for wrong in [
        with(&body, "checksum", json!(other)),
        with(&body, "size", json!(4_999)),
        with(&body, "size", json!(5_u64 << 40)),
    ] {
        let refused = world.register(&draft, &wrong).await;
        refused.refused(409, "checksum_mismatch", None);
    }
    assert_eq!(world.rows().await, rows);
    world.register(&draft, &body).await.expect(200);
}

#[tokio::test]
async fn what_is_illegal_in_form_is_refused_in_releasys_words() {
    let (world, draft) = draft().await;
    let (_, body) = world.sent(&draft, 1, 100).await;
    for checksum in ["", "d2", &"g".repeat(64), &"d".repeat(65)] {
        let refused = world.register(&draft, &with(&body, "checksum", json!(checksum))).await;
        let message = "checksum must be a 64 character hex string";
        refused_with(&refused, 400, "invalid_field", message);
    }
    for size in [i64::MAX, (5 << 40) + 1] {
        let refused = world.register(&draft, &with(&body, "size", json!(size))).await;
        let message = "size must be at most 5497558138880 (5 TiB)";
        refused_with(&refused, 400, "invalid_field", message);
    }
    for size in [0, -1] {
        let refused = world.register(&draft, &with(&body, "size", json!(size))).await;
        refused_with(&refused, 400, "invalid_field", "size must be positive");
    }
    for (member, value) in
        [("artifact_id", json!("uuid")), ("size", json!(1.5)), ("size", json!("1024"))]
    {
        let refused = world.register(&draft, &with(&body, member, value)).await;
        refused.refused(400, "invalid_field", Some(member));
    }
    for member in ["artifact_id", "object_key", "checksum", "size", "platform"] {
        let mut lacking = body.clone();
        lacking.as_object_mut().unwrap().remove(member);
        world.register(&draft, &lacking).await.refused(400, "invalid_field", Some(member));
    }
    let both = with(&body, "artifacts", json!([]));
    world.register(&draft, &both).await.refused(400, "invalid_field", Some("artifacts"));
    world.register(&draft, &json!({})).await.refused(400, "invalid_field", Some("artifacts"));
    let extra = with(&body, "filename", json!("a"));
    world.register(&draft, &extra).await.refused(400, "unknown_field", Some("filename"));
}

#[tokio::test]
async fn keys_of_others_and_of_other_releases_are_refused_in_the_same_words() {
    let (world, draft) = draft().await;
    let second = world.draft("prod_app", "2.0.0").await;
    let (_, body) = world.sent(&draft, 1, 100).await;
    let (_, other) = world.sent(&second, 2, 100).await;
    let nobody = json!("0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e10");
    for (release, wrong) in [
        (&draft, other.clone()),
        (&second, body.clone()),
        (&draft, with(&body, "object_key", other["object_key"].clone())),
        (&draft, with(&body, "artifact_id", other["artifact_id"].clone())),
        (&draft, with(&body, "artifact_id", nobody)),
        (&draft, with(&body, "platform", json!("linux-arm64"))),
        (&draft, with(&body, "object_key", json!("artifacts/sha256/aa/aa"))),
    ] {
        let refused = world.register(release, &wrong).await;
        let message = "object_key does not match release or platform";
        refused_with(&refused, 400, "invalid_field", message);
    }
    world.register(&draft, &body).await.expect(200);
    world.register(&second, &other).await.expect(200);
}

#[tokio::test]
async fn nothing_is_registered_before_it_arrives_or_twice() {
    let (world, draft) = draft().await;
    let (bytes, sha256) = file(1, 100);
    let presigned = world.presign(&draft, "a.tar.gz").await;
    let body = registration(&presigned, &sha256, 100);
    let rows = world.rows().await;
    world.register(&draft, &body).await.refused(409, "upload_incomplete", None);
    assert_eq!(world.rows().await, rows);
    assert_eq!(world.send(&presigned["upload_url"], bytes.clone()).await, 200);
    world.register(&draft, &body).await.expect(200);
    let rows = world.rows().await;
    let refused = world.register(&draft, &body).await;
    refused_with(&refused, 409, "artifact_exists", "artifact already exists");
    // The same bytes for the same machine, sent anew.
    let (_, again) = world.sent(&draft, 1, 100).await;
    let refused = world.register(&draft, &again).await;
    refused_with(&refused, 409, "artifact_exists", "artifact already exists");
    let is_new = |(key, _): &(_, _)| !rows.contains_key(key);
    let added: Vec<_> = world.rows().await.into_iter().filter(is_new).collect();
    // What was presigned, its audit event, and the place of that among the release's events.
    assert_eq!(added.len(), 3, "{added:#?}");
}

#[tokio::test]
async fn a_repetition_by_its_key_is_answered_the_same() {
    let (world, draft) = draft().await;
    let (_, body) = world.sent(&draft, 1, 100).await;
    let register = async || {
        let path = release_path(&draft, "/artifacts");
        let request = world.admin(Method::POST, &path).header("idempotency-key", "k").json(&body);
        TestResponse::to(request).await
    };
    let first = register().await.expect(200);
    let second = register().await;
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(second.expect(200), first);
}

#[tokio::test]
async fn a_url_that_still_works_changes_nothing_that_is_served() {
    let (world, draft) = draft().await;
    let (bytes, _) = file(1, 5_000);
    let (presigned, body) = world.sent(&draft, 1, 5_000).await;
    let registered = world.register(&draft, &body).await.expect(200);
    assert_eq!(world.send(&presigned["upload_url"], file(2, 5_000).0).await, 200);
    world.register(&draft, &body).await.refused(409, "artifact_exists", None);
    assert!(world.download(&artifact_of(&registered["id"])).await == bytes);
}

#[tokio::test]
async fn releases_that_are_gone_or_published_take_nothing() {
    let (world, draft) = draft().await;
    let (_, body) = world.sent(&draft, 1, 100).await;
    let refused = world.register(&json!({ "release_id": "rel_none" }), &body).await;
    refused_with(&refused, 404, "not_found", "release not found");
    let part = json!([{ "artifact_id": world.external(3).await, "platform": "windows", "arch": "x64", "installer_type": "msi" }]);
    world.register(&draft, &json!({ "artifacts": part })).await.expect(200);
    world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    world.register(&draft, &body).await.refused(409, "stale_state", None);
}

#[tokio::test]
async fn who_is_bound_to_another_channel_or_product_registers_nothing() {
    let (world, draft) = draft().await;
    world.product("prod_other").await;
    let (_, body) = world.sent(&draft, 1, 100).await;
    let path = release_path(&draft, "/artifacts");
    for (binding, status) in
        [(json!({ "product_ids": ["prod_other"] }), 404), (json!({ "channels": ["beta"] }), 403)]
    {
        let mut token = json!({ "name": "ci", "scopes": ["artifacts:write"] });
        token.as_object_mut().unwrap().extend(binding.as_object().unwrap().clone());
        let token = world.post("/v1/tokens", token).await.expect(201);
        let secret = text(&token, "secret");
        let request = world.request(Method::POST, &path).bearer_auth(secret).json(&body);
        assert_eq!(TestResponse::to(request).await.status, status);
        let new = json!({ "filename": "a.zip", "platform": "linux-x64" });
        let presign = format!("{path}/presign");
        let request = world.request(Method::POST, &presign).bearer_auth(secret).json(&new);
        assert_eq!(TestResponse::to(request).await.status, status);
    }
    // Another job of the same CI may register what this one has presigned.
    let (_, secret) = world.token(&["artifacts:write"]).await;
    let request = world.request(Method::POST, &path).bearer_auth(secret).json(&body);
    TestResponse::to(request).await.expect(200);
}
