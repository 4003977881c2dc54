//! `POST /v1/releases/{release_id}/artifacts/presign`

use jiff::{SignedDuration, Timestamp};
use slipway_test_support::{
    ExternalStore, Method, Options, TestClock, TestResponse, Value, World, json, release_path, text,
};

use crate::assertions::has_members;

async fn draft() -> (World, Value) {
    let world = World::start().await;
    world.post("/v1/products", json!({ "product_id": "prod_app", "name": "Releasy" })).await;
    let draft = world.draft("prod_app", "1.0.0").await;
    (world, draft)
}

async fn presign(world: &World, release: &Value, filename: &str, platform: &str) -> TestResponse {
    let body = json!({ "filename": filename, "platform": platform });
    world.post(&release_path(release, "/artifacts/presign"), body).await
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

#[tokio::test]
async fn a_url_is_answered_as_releasy_does() {
    let (world, draft) = draft().await;
    let before = Timestamp::now().as_second();
    let presigned = presign(&world, &draft, "Linux.tar.gz", "linux-x86_64").await.expect(200);
    has_members(&presigned, &["artifact_id", "object_key", "upload_url", "expires_at"]);
    let id = text(&presigned, "artifact_id");
    assert!(is_uuid(id), "{id}");
    let key = format!("releases/releasy/1.0.0/linux-x86_64/{id}/linux.tar.gz");
    assert_eq!(text(&presigned, "object_key"), key);
    let expires = presigned["expires_at"].as_i64().unwrap();
    assert!((before + 900..before + 960).contains(&expires), "{before} {expires}");
    assert!(!text(&presigned, "upload_url").contains("artifacts/sha256"));
}

#[tokio::test]
async fn file_names_become_segments_of_the_key_or_are_refused() {
    let (world, draft) = draft().await;
    for (filename, segment) in [
        ("a/../b.zip", "a_.._b.zip"),
        ("../../../etc/passwd.zip", ".._.._.._etc_passwd.zip"),
        ("日本.zip", "__.zip"),
        ("a\u{7}b\r\n\0.zip", "a_b___.zip"),
        ("APP 1+2.ZIP", "app_1_2.zip"),
        ("%2e%2e%2f.zip", "_2e_2e_2f.zip"),
        ("CON.zip", "con.zip"),
    ] {
        let presigned = presign(&world, &draft, filename, "linux-x86_64").await.expect(200);
        let key = text(&presigned, "object_key");
        assert_eq!(key.rsplit_once('/').unwrap().1, segment, "{filename:?}");
        assert_eq!(key.matches('/').count(), 5, "{key}");
    }
    let rows = world.rows().await;
    let long = format!("{}.zip", "a".repeat(296));
    for filename in
        ["", ".", "..", "a/../b", "日本", "linux", "app.tar.xz", "app.7z", long.as_str(), "\u{7}"]
    {
        let refused = presign(&world, &draft, filename, "linux-x86_64").await;
        refused.refused(400, "invalid_field", Some("filename"));
    }
    assert_eq!(world.rows().await, rows);
}

#[tokio::test]
async fn a_platform_is_an_operating_system_and_an_architecture() {
    let (world, draft) = draft().await;
    for (platform, segment) in [
        ("linux-x86_64", "linux-x86_64"),
        ("Linux/AMD64", "linux_amd64"),
        ("aarch64-apple-darwin", "aarch64-apple-darwin"),
    ] {
        let presigned = presign(&world, &draft, "a.zip", platform).await.expect(200);
        assert_eq!(text(&presigned, "object_key").split('/').nth(3), Some(segment));
    }
    let long = "l".repeat(65);
    for platform in ["", ".", "..", "linux", "x86_64", "beos-x86", "a/../b", long.as_str()] {
        let refused = presign(&world, &draft, "a.zip", platform).await;
        refused.refused(400, "invalid_field", Some("platform"));
    }
    let body = json!({ "filename": "a.zip", "platform": "linux-x64", "arch": "x86_64" });
    let refused = world.post(&release_path(&draft, "/artifacts/presign"), body).await;
    refused.refused(400, "unknown_field", Some("arch"));
}

#[tokio::test]
async fn a_product_whose_name_is_dots_has_no_key() {
    let world = World::start().await;
    world.post("/v1/products", json!({ "product_id": "prod_app", "name": ".." })).await.expect(201);
    let draft = world.draft("prod_app", "1.0.0").await;
    let refused = presign(&world, &draft, "a.zip", "linux-x64").await;
    refused.refused(400, "invalid_field", Some("product"));
}

#[tokio::test]
async fn a_release_that_is_not_there_or_not_open_gets_none() {
    let (world, _) = draft().await;
    let nobody = json!({ "release_id": "rel_none" });
    let refused = presign(&world, &nobody, "a.zip", "linux-x64").await;
    refused.refused(404, "not_found", None);
    assert_eq!(refused.body["error"]["message"], "release not found");
    let release = world.release("prod_app", "2.0.0").await;
    let refused = presign(&world, &release, "a.zip", "linux-x64").await;
    refused.refused(409, "stale_state", None);
}

#[tokio::test]
async fn an_idempotency_key_gets_the_same_url_again() {
    let (world, draft) = draft().await;
    let ask = async || {
        let body = json!({ "filename": "a.zip", "platform": "linux-x64" });
        let path = release_path(&draft, "/artifacts/presign");
        let request = world.admin(Method::POST, &path).header("idempotency-key", "k").json(&body);
        TestResponse::to(request).await
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.expect(200), second.expect(200));
}

#[tokio::test]
async fn a_url_works_until_its_time_is_over() {
    let clock = TestClock::default();
    let world = World::with(Options {
        clock: clock.clock(),
        presign_lifetime: SignedDuration::from_secs(1),
        ..Options::ephemeral()
    })
    .await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    let presigned = world.presign(&draft, "a.zip").await;
    let url = presigned["upload_url"].as_str().unwrap();
    assert!(url.contains("X-Amz-Expires=1&"), "{url}");
    // S3 tells the time by itself.
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    assert_eq!(world.send(&presigned["upload_url"], b"late".to_vec()).await, 403);
}

#[tokio::test]
async fn without_a_bucket_artifact_storage_is_not_configured() {
    let with_bucket = World::start().await;
    let store = with_bucket.stack.settings.store.clone();
    let none = ExternalStore { store, bucket: String::new() };
    let world = World::with(Options { external_store: Some(none), ..Options::ephemeral() }).await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    let registration = json!({
        "artifact_id": "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e10", "object_key": "releases/a/b/c/d/e",
        "checksum": "d2".repeat(32), "size": 1024, "platform": "linux-x86_64",
    });
    let upload = json!({ "size_bytes": 1, "sha256": "d2".repeat(32) });
    for refused in [
        presign(&world, &draft, "a.zip", "linux-x64").await,
        world.register(&draft, &registration).await,
        world.post("/v1/artifacts/uploads", upload).await,
    ] {
        refused.refused(503, "unavailable", None);
        assert_eq!(refused.body["error"]["message"], "artifact storage not configured");
    }
    // What needs no storage works.
    world.release("prod_app", "2.0.0").await;
    assert_eq!(world.decide("prod_app", "1.0.0").await["artifacts"].as_array().unwrap().len(), 1);
}
