//! `POST /v1/releases`

use slipway_test_support::{Method, TestResponse, Value, World, json, release_path, text};

use crate::assertions::{created, has_members, versions};
use crate::releases::MEMBERS;

async fn with_product() -> World {
    let world = World::start().await;
    world.product("prod_app").await;
    world
}

#[tokio::test]
async fn a_release_with_artifacts_is_published_at_once() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    let mut body = World::release_of("prod_app", "1.0.0", "stable", &artifact);
    body["metadata"] = json!({ "notes": "First.", "numbers": [1, 0.5] });
    let release = created(world.post("/v1/releases", body).await, "/v1/releases", "release_id");
    has_members(&release, MEMBERS);
    assert_eq!(
        (&release["status"], &release["channel"], &release["version"]),
        (&json!("published"), &json!("stable"), &json!("1.0.0"))
    );
    assert_eq!(
        (&release["published_at"], &release["promoted_from"]),
        (&release["created_at"], &Value::Null)
    );
    assert_eq!(release["rollout"], json!({ "basis_points": 10_000, "paused": false }));
    assert_eq!(
        (&release["metadata"]["notes"], &release["created_by"]),
        (&json!("First."), &json!("bootstrap"))
    );
    let stored = world.get(&format!("/v1/artifacts/{artifact}")).await.expect(200);
    let part = &release["artifacts"][0];
    for copied in ["artifact_id", "sha256", "size_bytes", "external_url"] {
        assert_eq!(part[copied], stored[copied], "{copied}");
    }
    assert_eq!((&part["platform"], &part["requires_admin"]), (&json!("windows"), &json!(true)));
    assert_eq!(
        world.get(&format!("/v1/releases/{}", text(&release, "release_id"))).await.expect(200),
        release
    );
}

#[tokio::test]
async fn a_release_without_artifacts_is_a_draft_and_a_slug_names_its_product() {
    let world = World::start().await;
    world
        .post("/v1/products", json!({ "product_id": "prod_app", "name": "App", "slug": "app" }))
        .await
        .expect(201);
    let release = world
        .post("/v1/releases", json!({ "product": "app", "version": "1.0.0" }))
        .await
        .expect(201);
    assert_eq!((&release["status"], &release["channel"]), (&json!("draft"), &json!("stable")));
    assert_eq!(
        (&release["product_id"], &release["published_at"]),
        (&json!("prod_app"), &Value::Null)
    );
    assert_eq!(world.decide("prod_app", "0.1.0").await["reason"], "no_release");
}

#[tokio::test]
async fn a_draft_may_have_artifacts_and_waits() {
    let world = with_product().await;
    let mut body = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    body["draft"] = json!(true);
    let release = world.post("/v1/releases", body).await.expect(201);
    assert_eq!(
        (&release["status"], release["artifacts"].as_array().map(Vec::len)),
        (&json!("draft"), Some(1))
    );
    assert_eq!(world.decide("prod_app", "0.1.0").await["reason"], "no_release");
}

#[tokio::test]
async fn jobs_that_draft_one_version_meet_in_one_draft() {
    let world = with_product().await;
    let request = json!({ "product_id": "prod_app", "version": "1.0.0" });
    let mut with_notes = request.clone();
    with_notes["metadata"] = json!({ "notes": "First." });
    let draft = world.post("/v1/releases", with_notes.clone()).await.expect(201);
    assert_eq!(world.post("/v1/releases", request.clone()).await.expect(200), draft);

    let artifact = world.external(1).await;
    let mut with_artifact = World::release_of("prod_app", "1.0.0", "stable", &artifact);
    let parts = json!({ "artifacts": with_artifact["artifacts"] });
    let filled = world.post(&release_path(&draft, "/artifacts"), parts).await.expect(200);
    with_artifact["draft"] = json!(true);
    for again in [&request, &with_notes, &with_artifact] {
        assert_eq!(&world.post("/v1/releases", again.clone()).await.expect(200), &filled);
    }
    // What the draft does not have is no repetition.
    with_notes["metadata"] = json!({ "notes": "Other." });
    let refused = world.post("/v1/releases", with_notes).await;
    refused.refused(409, "release_exists", Some("version"));
    let other = world.external(2).await;
    with_artifact["artifacts"][0]["artifact_id"] = json!(other);
    world.post("/v1/releases", with_artifact).await.refused(409, "release_exists", Some("version"));

    let published = world.post(&release_path(&draft, "/publish"), json!({})).await.expect(200);
    assert_eq!(world.post("/v1/releases", request).await.expect(200), published);
}

#[tokio::test]
async fn running_ci_again_finds_the_release_that_is_there() {
    let world = with_product().await;
    let mut body = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    // Numbers whose shortest decimal form is hard to read back exactly.
    body["metadata"] = json!({ "a": 31.245_270_191_439_438, "b": 121.487_919_511_619_45, "c": 5e-324, "z": { "y": [] } });
    let first = world.post("/v1/releases", body.clone()).await.expect(201);
    let again = world.post("/v1/releases", body.clone()).await;
    assert_eq!(again.header("location"), None);
    assert_eq!(again.expect(200), first);
    // The rollout is changed after publishing: it does not count.
    let id = text(&first, "release_id");
    let changed = world
        .put(&format!("/v1/releases/{id}/rollout"), json!({ "basis_points": 100 }))
        .await
        .expect(200);
    assert_eq!(world.post("/v1/releases", body).await.expect(200), changed);
}

#[tokio::test]
async fn metadata_means_the_same_to_every_parser_or_is_refused() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    let send = async |metadata: &str| {
        let mut body = World::release_of("prod_app", "1.0.0", "stable", &artifact);
        body["metadata"] = json!("METADATA");
        let body = body.to_string().replace("\"METADATA\"", metadata);
        let request = world.admin(Method::POST, "/v1/releases").body(body);
        TestResponse::to(request.header("content-type", "application/json")).await
    };
    for (metadata, member, hint) in [
        (r#"{"build_number":9007199254740993}"#, "metadata.build_number", "write it as a string"),
        (r#"{"build_number":9007199254740993.0}"#, "metadata.build_number", "write it as a string"),
        (r#"{"a":{"b":[0,18446744073709551616]}}"#, "metadata.a.b[1]", "write it as a string"),
        (r#"{"a":-9007199254740992}"#, "metadata.a", "write it as a string"),
        (r#"{"a":[-0.0]}"#, "metadata.a[0]", "write 0"),
        (r#"{"a":{"b":1,"\u0062":2}}"#, "metadata.a.b", "the member `b` stands twice"),
        (r#"{"a":1,"a":1}"#, "metadata.a", "the member `a` stands twice"),
        (r#"{"a":"\uffff"}"#, "metadata.a", "noncharacter"),
        ("[1]", "metadata", "JSON object"),
    ] {
        let refused = send(metadata).await;
        refused.refused(400, "invalid_field", Some(member));
        assert!(text(&refused.body["error"], "message").contains(hint), "{:#}", refused.body);
    }
    send(r#"{"build_number":"9007199254740993","n":9007199254740991}"#).await.expect(201);
}

#[tokio::test]
async fn the_order_of_members_makes_no_other_release() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    let mut body = World::release_of("prod_app", "1.0.0", "stable", &artifact);
    body["metadata"] = json!({ "b": { "y": 1, "x": 2 }, "a": 0 });
    let first = world.post("/v1/releases", body.clone()).await.expect(201);
    body["metadata"] = json!({ "a": 0, "b": { "x": 2, "y": 1 } });
    assert_eq!(world.post("/v1/releases", body).await.expect(200), first);
}

#[tokio::test]
async fn the_order_of_artifacts_makes_no_other_release() {
    let world = with_product().await;
    let (windows, macos) = (world.external(1).await, world.external(2).await);
    let mut body = World::release_of("prod_app", "1.0.0", "stable", &windows);
    let parts = body["artifacts"].as_array_mut().unwrap();
    parts.push(json!({ "artifact_id": macos, "platform": "macos", "arch": "universal", "installer_type": "dmg" }));
    let first = world.post("/v1/releases", body.clone()).await.expect(201);
    body["artifacts"].as_array_mut().unwrap().reverse();
    assert_eq!(world.post("/v1/releases", body).await.expect(200), first);
}

#[tokio::test]
async fn a_version_with_other_content_is_refused_with_the_differences() {
    let world = with_product().await;
    let (one, two) = (world.external(1).await, world.external(2).await);
    let first = world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0", "stable", &one))
        .await
        .expect(201);
    let mut other = World::release_of("prod_app", "1.0.0", "stable", &two);
    other["metadata"] = json!({ "notes": "x" });
    let refused = world.post("/v1/releases", other).await;
    refused.refused(409, "release_exists", Some("version"));
    let details = &refused.body["error"]["details"];
    assert_eq!(details["release_id"], first["release_id"]);
    has_members(&details["differences"], &["metadata", "artifacts"]);
    assert_eq!(
        details["differences"]["metadata"],
        json!({ "requested": { "notes": "x" }, "existing": null })
    );
    assert_eq!(details["differences"]["artifacts"]["requested"][0]["artifact_id"], json!(two));
    assert_eq!(details["differences"]["artifacts"]["existing"][0]["artifact_id"], json!(one));
    assert_eq!(
        world.get(&format!("/v1/releases/{}", text(&first, "release_id"))).await.expect(200),
        first
    );
}

#[tokio::test]
async fn versions_that_differ_in_build_metadata_alone_are_one_version() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0+linux", "stable", &artifact))
        .await
        .expect(201);
    for version in ["1.0.0+mac", "1.0.0"] {
        let refused = world
            .post("/v1/releases", World::release_of("prod_app", version, "stable", &artifact))
            .await;
        refused.refused(409, "release_exists", Some("version"));
        let difference = &refused.body["error"]["details"]["differences"]["version"];
        assert_eq!(difference, &json!({ "requested": version, "existing": "1.0.0+linux" }));
    }
    assert_eq!(versions(&world, "/v1/products/prod_app/releases").await, ["1.0.0+linux"]);
}

#[tokio::test]
async fn a_revoked_version_is_not_reusable_on_its_channel() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    let body = World::release_of("prod_app", "1.0.0", "stable", &artifact);
    let release = world.post("/v1/releases", body.clone()).await.expect(201);
    world.revoke(&release).await;
    let refused = world.post("/v1/releases", body).await;
    refused.refused(409, "release_exists", Some("version"));
    let difference = &refused.body["error"]["details"]["differences"]["status"];
    assert_eq!(difference, &json!({ "requested": "published", "existing": "revoked" }));
    let error = &refused.body["error"];
    assert_eq!(error["details"]["reason"], "crashes at start");
    assert!(
        error["details"]["revoked_at"].is_string() && error["details"]["revoked_by"].is_string()
    );
    let message = text(error, "message");
    assert!(message.contains("was revoked") && message.contains("another version"), "{message}");
    world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0", "beta", &artifact))
        .await
        .expect(201);
}

#[tokio::test]
async fn what_it_refers_to_has_to_be_there() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    let refused = world
        .post("/v1/releases", World::release_of("prod_none", "1.0.0", "stable", &artifact))
        .await;
    refused.refused(404, "not_found", None);
    let refused = world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0", "nightly", &artifact))
        .await;
    refused.refused(422, "unknown_channel", Some("channel"));
    let refused = world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0", "stable", "art_none"))
        .await;
    refused.refused(422, "artifact_not_ready", Some("artifacts[0].artifact_id"));
    assert_eq!(refused.body["error"]["details"]["artifact_id"], "art_none");
    assert_eq!(versions(&world, "/v1/releases").await, Vec::<String>::new());
}

#[tokio::test]
async fn an_upload_that_is_not_complete_can_not_be_released() {
    let world = with_product().await;
    let (_, sha256) = slipway_test_support::file(1, 64);
    let upload = world
        .post("/v1/artifacts/uploads", json!({ "size_bytes": 64, "sha256": sha256 }))
        .await
        .expect(201);
    // The artifact's id is made with the upload's; a client that guesses it gains nothing.
    let guess = text(&upload, "upload_id").replace("upl_", "art_");
    let refused =
        world.post("/v1/releases", World::release_of("prod_app", "1.0.0", "stable", &guess)).await;
    refused.refused(422, "artifact_not_ready", Some("artifacts[0].artifact_id"));
}

#[tokio::test]
async fn a_release_that_makes_no_sense_is_refused_and_nothing_is_stored() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    let base = World::release_of("prod_app", "1.0.0", "stable", &artifact);
    let part = base["artifacts"][0].clone();
    let big = "x".repeat(16 << 10);
    for (member, value, field) in [
        ("artifacts", json!([]), "artifacts"),
        ("artifacts", json!([part, part]), "artifacts[1]"),
        ("artifacts", Value::Array(vec![part.clone(); 51]), "artifacts"),
        (
            "artifacts",
            json!([{ "artifact_id": artifact, "platform": "beos", "arch": "x86", "installer_type": "msi" }]),
            "artifacts[0].platform",
        ),
        (
            "artifacts",
            json!([{ "artifact_id": artifact, "arch": "x86", "installer_type": "msi" }]),
            "artifacts[0].platform",
        ),
        ("channel", Value::Null, "channel"),
        ("product", json!("app"), "product_id"),
        ("product_id", Value::Null, "product_id"),
        ("metadata", json!({ "big": big }), "metadata"),
        ("metadata", json!("text"), "metadata"),
        ("metadata", json!({ "critical": 1 }), "metadata.critical"),
        ("metadata", json!({ "release_notes": [] }), "metadata.release_notes"),
        ("metadata", json!({ "min_os_version": 10 }), "metadata.min_os_version"),
        ("metadata", json!({ "support_until": "soon" }), "metadata.support_until"),
        ("rollout", json!({ "basis_points": 10_001 }), "rollout.basis_points"),
        ("rollout", json!({ "basis_points": -1 }), "rollout.basis_points"),
    ] {
        let mut body = base.clone();
        body[member] = value;
        world.post("/v1/releases", body).await.refused(400, "invalid_field", Some(field));
    }
    assert_eq!(versions(&world, "/v1/releases").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_draft_that_is_there_stands_in_the_way_of_another_release() {
    let world = with_product().await;
    let first = world.draft("prod_app", "1.0.0").await;
    let again = world
        .post("/v1/releases", json!({ "product_id": "prod_app", "version": "1.0.0" }))
        .await
        .expect(200);
    assert_eq!(again, first);
    let refused = world
        .post(
            "/v1/releases",
            World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await),
        )
        .await;
    refused.refused(409, "release_exists", Some("version"));
}

/// Fifty artifacts, each at the longest URL that there is.
async fn fifty_artifacts(world: &World) -> Vec<Value> {
    let prefix = "https://cdn.example.com/";
    let url = format!("{prefix}{}", "a".repeat(2048 - prefix.len()));
    let (_, sha256) = slipway_test_support::file(1, 64);
    let body = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": url });
    let mut artifacts = Vec::new();
    for platform in ["windows", "macos", "linux", "android", "ios"] {
        for form in ["msi", "exe", "msix", "dmg", "pkg", "deb", "rpm", "apk", "zip", "tar.gz"] {
            let artifact = world.post("/v1/artifacts", body.clone()).await.expect(201);
            let id = text(&artifact, "artifact_id");
            artifacts.push(json!({ "artifact_id": id, "platform": platform, "arch": "universal", "installer_type": form }));
        }
    }
    artifacts
}

#[tokio::test]
async fn the_largest_release_that_is_allowed_is_published_offered_and_revoked() {
    let world = with_product().await;
    let mut body = World::release_of("prod_app", "1.0.0", "stable", "");
    body["artifacts"] = Value::Array(fifty_artifacts(&world).await);
    body["metadata"] = json!({ "notes": "\"".repeat(8_000) });
    let request =
        world.admin(Method::POST, "/v1/releases").header("idempotency-key", "k").json(&body);
    let release = TestResponse::to(request).await.expect(201);
    assert_eq!(
        world.decide("prod_app", "0.9.0").await["artifacts"].as_array().map(Vec::len),
        Some(50)
    );
    world.revoke(&release).await;
    assert_eq!(world.decide("prod_app", "0.9.0").await["reason"], "no_release");
}

#[tokio::test]
async fn running_ci_again_with_the_same_bytes_under_another_artifact_id_finds_the_release() {
    let world = World::start().await;
    world.product("prod_app").await;
    let (first, again) = (world.external(1).await, world.external(1).await);
    assert_ne!(first, again);
    let release = world
        .post("/v1/releases", World::release_of("prod_app", "1.0.0", "stable", &first))
        .await
        .expect(201);
    assert_eq!(
        world
            .post("/v1/releases", World::release_of("prod_app", "1.0.0", "stable", &again))
            .await
            .expect(200),
        release
    );
}
