//! Uploads in parts.

use slipway_domain::Sha256;
use slipway_test_support::{Value, World, file, json};

use super::{LENGTH, id};

/// Asks for part URLs, and what is held.
async fn parts(world: &World, upload: &Value, wanted: Value) -> Value {
    world
        .post(&format!("/v1/artifacts/uploads/{}/parts", id(upload)), json!({ "parts": wanted }))
        .await
        .expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_parts_is_resumed_where_it_was_interrupted() {
    let world = World::start().await;
    let (bytes, sha256) = file(1, (40 << 20) + 17);
    let body = json!({ "size_bytes": bytes.len(), "sha256": sha256, "multipart": true });
    let upload = world.post("/v1/artifacts/uploads", body).await.expect(201);
    assert_eq!((&upload["upload_url"], &upload["checked_upload"]), (&json!(null), &json!(null)));
    let size = usize::try_from(upload["multipart"]["part_size_bytes"].as_u64().unwrap()).unwrap();
    let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
    assert_eq!(upload["multipart"]["part_count"], chunks.len());
    let digests: Vec<String> = chunks.iter().map(|chunk| Sha256::of(chunk).to_string()).collect();
    let wanted = |numbers: &[usize]| {
        numbers
            .iter()
            .map(|n| json!({ "part_number": n, "sha256": digests[n - 1] }))
            .collect::<Value>()
    };

    let first = parts(&world, &upload, wanted(&[1, 2])).await;
    assert_eq!(first["held"], json!([]));
    assert_eq!(world.send_checked(&first["urls"][1], chunks[1].to_vec()).await, 200);
    let mut damaged = chunks[0].to_vec();
    damaged[7] ^= 1;
    assert_eq!(world.send_checked(&first["urls"][0], damaged).await, 400);

    // Here the client is started again: it asks what is there.
    let held = parts(&world, &upload, json!([])).await["held"].clone();
    assert_eq!(held, json!([{ "part_number": 2, "size_bytes": size, "sha256": digests[1] }]));
    let refused = world.complete(&upload).await;
    refused.refused(409, "upload_incomplete", None);
    assert_eq!(refused.body["error"]["details"], json!({ "missing_parts": [1, 3] }));

    let rest = parts(&world, &upload, wanted(&[1, 3])).await;
    for (url, chunk) in rest["urls"].as_array().unwrap().iter().zip([chunks[0], chunks[2]]) {
        assert_eq!(world.send_checked(url, chunk.to_vec()).await, 200);
    }
    let view = world.complete(&upload).await.expect(200);
    assert_eq!(view["status"], "available");
    assert_eq!(world.complete(&upload).await.expect(200), view);
    assert!(world.download(&view["artifact_id"]).await == bytes);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_make_another_file_fail_the_upload() {
    let world = World::start().await;
    let (bytes, _) = file(1, LENGTH);
    let body = json!({ "size_bytes": LENGTH, "sha256": file(2, LENGTH).1, "multipart": true });
    let upload = world.post("/v1/artifacts/uploads", body).await.expect(201);
    let url = parts(&world, &upload, json!([{ "part_number": 1, "sha256": Sha256::of(&bytes) }]))
        .await["urls"][0]
        .clone();
    assert_eq!(world.send_checked(&url, bytes).await, 200);
    world.complete(&upload).await.refused(409, "checksum_mismatch", None);
    assert_eq!(world.upload(&upload).await["status"], "failed");
    world.stack.stop().await;
}
