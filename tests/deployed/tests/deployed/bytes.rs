//! Bytes to upload.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use slipway_tests_deployed::Api;

/// `len` bytes that are not the same as those of another `seed`.
pub fn made_of(seed: &str, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len + 32);
    for block in 0_u64.. {
        if bytes.len() >= len {
            break;
        }
        bytes.extend(Sha256::digest(format!("{seed}{block}")));
    }
    bytes.truncate(len);
    bytes
}

/// The digest of `bytes`, as the API writes it.
pub fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// What announces `bytes`.
pub fn announcement(bytes: &[u8]) -> Value {
    json!({ "size_bytes": bytes.len(), "sha256": sha256(bytes), "filename": "installer.msi" })
}

/// Uploads `bytes`, which S3's event alone has verified, and gives the artifact's id.
pub async fn uploaded(api: &Api, bytes: Vec<u8>) -> Value {
    let upload = api.post("/v1/artifacts/uploads", announcement(&bytes)).await;
    let octets = json!({ "content-type": "application/octet-stream" });
    assert!(api.upload(&upload["upload_url"], &octets, bytes).await.is_success());
    let finished = finished(api, &upload).await;
    assert_eq!(finished["status"], "available", "{finished}");
    finished["artifact_id"].clone()
}

/// An upload, once the job has told what it is.
pub async fn finished(api: &Api, upload: &Value) -> Value {
    let path = format!("/v1/artifacts/uploads/{}", upload["upload_id"].as_str().unwrap());
    let ends =
        |upload: &Value| !["pending", "verifying"].contains(&upload["status"].as_str().unwrap());
    api.eventually(&path, ends).await
}
