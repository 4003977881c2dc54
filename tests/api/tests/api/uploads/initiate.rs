//! `POST /v1/artifacts/uploads`

use jiff::SignedDuration;
use slipway_test_support::{Value, World, file, json, text, upload_path};

use super::{UPLOADS, VIEW};
use crate::assertions::{created, has_members};

#[tokio::test]
async fn an_upload_is_started_with_two_urls_that_work_for_an_hour() {
    let world = World::start().await;
    let (_, sha256) = file(1, 1000);
    let body =
        json!({ "size_bytes": 1000, "sha256": sha256.to_uppercase(), "filename": "app 1.0.msi" });
    let upload = created(world.post(UPLOADS, body).await, UPLOADS, "upload_id");
    has_members(
        &upload,
        &["upload_id", "status", "upload_url", "checked_upload", "multipart", "expires_at"],
    );
    assert_eq!((&upload["status"], &upload["multipart"]), (&json!("pending"), &Value::Null));
    assert!(text(&upload, "upload_url").starts_with("http"));
    let headers = upload["checked_upload"]["headers"].as_object().unwrap();
    assert!(headers.contains_key("x-amz-checksum-sha256"), "{headers:?}");

    let view = world.get(&upload_path(&upload, "")).await.expect(200);
    has_members(&view, VIEW);
    assert_eq!(
        (&view["status"], &view["artifact_id"], &view["bytes_verified"]),
        (&json!("pending"), &Value::Null, &json!(0))
    );
    assert_eq!((&view["sha256"], &view["filename"]), (&json!(sha256), &json!("app 1.0.msi")));
    let time = |name: &str| text(&view, name).parse::<jiff::Timestamp>().unwrap();
    assert_eq!(
        time("expires_at").duration_since(time("created_at")),
        SignedDuration::from_hours(1)
    );
}
