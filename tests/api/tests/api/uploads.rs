//! `/v1/artifacts/uploads`, as far as it is answers: what becomes of the bytes is for the suite of
//! flows.

use jiff::SignedDuration;
use slipway_test_support::{TestClock, Value, World, file, json};

use crate::assertions::{created, has_members, text};

pub const OPS: &[&str] =
    &["upload-initiate", "upload-get", "upload-parts", "upload-complete", "upload-abort"];

const UPLOADS: &str = "/v1/artifacts/uploads";
const VIEW: &[&str] = &[
    "upload_id",
    "status",
    "artifact_id",
    "size_bytes",
    "sha256",
    "filename",
    "bytes_verified",
    "failure",
    "created_at",
    "expires_at",
];

fn at(upload: &Value, rest: &str) -> String {
    format!("{UPLOADS}/{}{rest}", text(upload, "upload_id"))
}

async fn initiate(world: &World) -> (Value, Vec<u8>) {
    let (bytes, sha256) = file(1, 1000);
    let body = json!({ "size_bytes": bytes.len(), "sha256": sha256, "filename": "app 1.0.msi" });
    (world.post(UPLOADS, body).await.expect(201), bytes)
}

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

    let view = world.get(&at(&upload, "")).await.expect(200);
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

#[tokio::test]
async fn completing_makes_an_artifact_and_again_answers_the_same() {
    let world = World::start().await;
    let (upload, bytes) = initiate(&world).await;
    let put = world.http().put(text(&upload, "upload_url")).body(bytes).send().await.unwrap();
    assert!(put.status().is_success(), "{put:?}");
    let view = world.post(&at(&upload, "/complete"), json!({})).await.expect(200);
    has_members(&view, VIEW);
    assert_eq!(view["status"], "available");
    let artifact =
        world.get(&format!("/v1/artifacts/{}", text(&view, "artifact_id"))).await.expect(200);
    assert_eq!(
        (&artifact["source_type"], &artifact["external_url"]),
        (&json!("MANAGED"), &Value::Null)
    );
    let again = world
        .post(&at(&upload, "/complete"), json!({ "checksum": artifact["sha256"] }))
        .await
        .expect(200);
    assert_eq!(again, view);
    assert_eq!(world.get(&at(&upload, "")).await.expect(200), view);
    // What has become an artifact stays one.
    world.delete(&at(&upload, "")).await.refused(409, "stale_state", None);
    let download =
        world.get(&format!("/v1/artifacts/{}/download", text(&view, "artifact_id"))).await;
    assert_eq!(download.status, 302);
}

#[tokio::test]
async fn completing_before_the_bytes_are_there_or_with_another_checksum_is_refused() {
    let world = World::start().await;
    let (upload, _) = initiate(&world).await;
    world.post(&at(&upload, "/complete"), json!({})).await.refused(409, "upload_incomplete", None);
    let (_, other) = file(2, 1000);
    let refused = world.post(&at(&upload, "/complete"), json!({ "checksum": other })).await;
    refused.refused(409, "checksum_mismatch", Some("checksum"));
    assert_eq!(refused.body["error"]["details"]["actual_sha256"], json!(other));
    assert_eq!(world.get(&at(&upload, "")).await.expect(200)["status"], "pending");
}

#[tokio::test]
async fn an_aborted_upload_stays_aborted() {
    let world = World::start().await;
    let (upload, _) = initiate(&world).await;
    world.delete(&at(&upload, "")).await.expect(204);
    world.delete(&at(&upload, "")).await.expect(204);
    assert_eq!(world.get(&at(&upload, "")).await.expect(200)["status"], "aborted");
    world.post(&at(&upload, "/complete"), json!({})).await.refused(409, "stale_state", None);
}

#[tokio::test]
async fn an_upload_expires_with_its_urls() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let (upload, _) = initiate(&world).await;
    test_clock.turn(SignedDuration::from_mins(61));
    assert_eq!(world.get(&at(&upload, "")).await.expect(200)["status"], "expired");
    world.post(&at(&upload, "/complete"), json!({})).await.refused(409, "upload_expired", None);
}

#[tokio::test]
async fn parts_are_handed_out_by_number_and_the_held_ones_are_told() {
    let world = World::start().await;
    let (bytes, sha256) = file(1, 6 << 20);
    let body = json!({ "size_bytes": bytes.len(), "sha256": sha256, "multipart": true });
    let upload = created(world.post(UPLOADS, body).await, UPLOADS, "upload_id");
    assert_eq!((&upload["upload_url"], &upload["checked_upload"]), (&Value::Null, &Value::Null));
    let plan = &upload["multipart"];
    let first =
        usize::try_from(plan["part_size_bytes"].as_u64().unwrap()).unwrap().min(bytes.len());
    let digest = slipway_domain::Sha256::of(&bytes[..first]).to_string();

    let wanted = json!({ "parts": [{ "part_number": 1, "sha256": digest }] });
    let parts = world.post(&at(&upload, "/parts"), wanted).await.expect(200);
    has_members(&parts, &["part_size_bytes", "part_count", "held", "urls", "expires_at"]);
    assert_eq!((&parts["held"], &parts["part_count"]), (&json!([]), &plan["part_count"]));
    let part = &parts["urls"][0];
    assert_eq!((&part["part_number"], &part["size_bytes"]), (&json!(1), &json!(first)));
    let mut put = world.http().put(text(part, "url")).body(bytes[..first].to_vec());
    for (name, value) in part["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert!(put.send().await.unwrap().status().is_success());
    let held = world.post(&at(&upload, "/parts"), json!({})).await.expect(200);
    assert_eq!((&held["held"][0]["part_number"], &held["urls"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn parts_that_do_not_exist_are_refused() {
    let world = World::start().await;
    let (_, sha256) = file(1, 64);
    let parts = async |upload: &Value, number: u64| {
        let wanted = json!({ "parts": [{ "part_number": number, "sha256": sha256 }] });
        world.post(&at(upload, "/parts"), wanted).await
    };
    let body = json!({ "size_bytes": 6 << 20, "sha256": sha256, "multipart": true });
    let upload = world.post(UPLOADS, body).await.expect(201);
    for number in [0, 9_999] {
        parts(&upload, number).await.refused(400, "invalid_field", Some("parts[0].part_number"));
    }
    let many: Vec<_> = (0..101).map(|_| json!({ "part_number": 1, "sha256": sha256 })).collect();
    world.post(&at(&upload, "/parts"), json!({ "parts": many })).await.refused(
        400,
        "invalid_field",
        Some("parts"),
    );
    let (whole, _) = initiate(&world).await;
    parts(&whole, 1).await.refused(409, "stale_state", None);
    world.delete(&at(&upload, "")).await.expect(204);
    parts(&upload, 1).await.refused(409, "stale_state", None);
}

#[tokio::test]
async fn a_bound_token_touches_its_own_uploads_only() {
    let world = World::start().await;
    world.product("prod_app").await;
    let bound = json!({ "scopes": ["artifacts:write"], "product_ids": ["prod_app"] });
    let (one, two) = (world.secret(bound.clone()).await, world.secret(bound).await);
    let (_, sha256) = file(1, 64);
    let upload = world
        .post_as(&one, UPLOADS, json!({ "size_bytes": 64, "sha256": sha256 }))
        .await
        .expect(201);
    world.get_as(&one, &at(&upload, "")).await.expect(200);
    world.get_as(&two, &at(&upload, "")).await.refused(404, "not_found", None);
    world.post_as(&two, &at(&upload, "/complete"), json!({})).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn unknown_uploads_are_404() {
    let world = World::start().await;
    world.get("/v1/artifacts/uploads/upl_none").await.refused(404, "not_found", None);
    world.delete("/v1/artifacts/uploads/upl_none").await.refused(404, "not_found", None);
    for verb in ["parts", "complete"] {
        world.post(&format!("/v1/artifacts/uploads/upl_none/{verb}"), json!({})).await.refused(
            404,
            "not_found",
            None,
        );
    }
}
