//! `POST /v1/artifacts/uploads/{upload_id}/parts`

use slipway_test_support::{Value, World, file, json, text, upload_path};

use super::{UPLOADS, initiate};
use crate::assertions::{created, has_members};

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
    let parts = world.post(&upload_path(&upload, "/parts"), wanted).await.expect(200);
    has_members(&parts, &["part_size_bytes", "part_count", "held", "urls", "expires_at"]);
    assert_eq!((&parts["held"], &parts["part_count"]), (&json!([]), &plan["part_count"]));
    let part = &parts["urls"][0];
    assert_eq!((&part["part_number"], &part["size_bytes"]), (&json!(1), &json!(first)));
    let mut put = world.http().put(text(part, "url")).body(bytes[..first].to_vec());
    for (name, value) in part["headers"].as_object().unwrap() {
        put = put.header(name, value.as_str().unwrap());
    }
    assert!(put.send().await.unwrap().status().is_success());
    let held = world.post(&upload_path(&upload, "/parts"), json!({})).await.expect(200);
    assert_eq!((&held["held"][0]["part_number"], &held["urls"]), (&json!(1), &json!([])));
}

#[tokio::test]
async fn parts_that_do_not_exist_are_refused() {
    let world = World::start().await;
    let (_, sha256) = file(1, 64);
    let parts = async |upload: &Value, number: u64| {
        let wanted = json!({ "parts": [{ "part_number": number, "sha256": sha256 }] });
        world.post(&upload_path(upload, "/parts"), wanted).await
    };
    let body = json!({ "size_bytes": 6 << 20, "sha256": sha256, "multipart": true });
    let upload = world.post(UPLOADS, body).await.expect(201);
    for number in [0, 9_999] {
        parts(&upload, number).await.refused(400, "invalid_field", Some("parts[0].part_number"));
    }
    let many: Vec<_> = (0..101).map(|_| json!({ "part_number": 1, "sha256": sha256 })).collect();
    world.post(&upload_path(&upload, "/parts"), json!({ "parts": many })).await.refused(
        400,
        "invalid_field",
        Some("parts"),
    );
    let (whole, _) = initiate(&world).await;
    parts(&whole, 1).await.refused(409, "stale_state", None);
    world.delete(&upload_path(&upload, "")).await.expect(204);
    parts(&upload, 1).await.refused(409, "stale_state", None);
}
