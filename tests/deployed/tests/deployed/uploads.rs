//! Uploads: by one PUT, in parts, and of other bytes than were announced.

use serde_json::{Value, json};
use slipway_tests_deployed::Stack;

use crate::bytes::{announcement, finished, made_of, sha256, uploaded};

#[tokio::test]
async fn what_is_put_becomes_an_artifact_by_the_event_alone() {
    let Some(stack) = Stack::find() else { return };
    let artifact = uploaded(&stack.api, made_of("one PUT", 300_000)).await;
    let path = format!("/v1/artifacts/{}", artifact.as_str().unwrap());
    assert_eq!(stack.api.get(&path).await["size_bytes"], 300_000);
    stack.api.get("/v1/artifacts").await;
}

#[tokio::test]
async fn other_bytes_than_were_announced_become_nothing() {
    let Some(stack) = Stack::find() else { return };
    let upload =
        stack.api.post("/v1/artifacts/uploads", announcement(&made_of("said", 1000))).await;
    let octets = json!({ "content-type": "application/octet-stream" });
    stack.api.upload(&upload["upload_url"], &octets, made_of("sent", 1000)).await;
    let finished = finished(&stack.api, &upload).await;
    assert_eq!((&finished["status"], &finished["artifact_id"]), (&json!("failed"), &Value::Null));
}

#[tokio::test]
async fn parts_become_one_artifact() {
    let Some(stack) = Stack::find() else { return };
    let bytes = made_of("parts", 9 << 20);
    let mut announced = announcement(&bytes);
    announced["multipart"] = json!(true);
    let upload = stack.api.post("/v1/artifacts/uploads", announced).await;
    let path = format!("/v1/artifacts/uploads/{}", upload["upload_id"].as_str().unwrap());
    let size = upload["multipart"]["part_size_bytes"].as_u64().unwrap();
    let parts: Vec<_> = bytes.chunks(usize::try_from(size).unwrap()).collect();
    let wanted: Vec<_> = (1..)
        .zip(&parts)
        .map(|(number, part)| json!({ "part_number": number, "sha256": sha256(part) }))
        .collect();
    let answer = stack.api.post(&format!("{path}/parts"), json!({ "parts": wanted })).await;
    for (url, part) in answer["urls"].as_array().unwrap().iter().zip(&parts) {
        let mut headers = url["headers"].clone();
        headers
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !name.eq_ignore_ascii_case("content-length"));
        assert!(stack.api.upload(&url["url"], &headers, part.to_vec()).await.is_success());
    }
    stack.api.post(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(finished(&stack.api, &upload).await["status"], "available");
}

#[tokio::test]
async fn an_upload_is_completed_by_its_client_or_given_up() {
    let Some(stack) = Stack::find() else { return };
    let bytes = made_of("completed", 2000);
    let upload = stack.api.post("/v1/artifacts/uploads", announcement(&bytes)).await;
    let octets = json!({ "content-type": "application/octet-stream" });
    assert!(stack.api.upload(&upload["upload_url"], &octets, bytes).await.is_success());
    let path = format!("/v1/artifacts/uploads/{}", upload["upload_id"].as_str().unwrap());
    stack.api.post(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(finished(&stack.api, &upload).await["status"], "available");
    let abandoned =
        stack.api.post("/v1/artifacts/uploads", announcement(&made_of("left", 10))).await;
    let path = format!("/v1/artifacts/uploads/{}", abandoned["upload_id"].as_str().unwrap());
    stack.api.delete(&path).await;
}
