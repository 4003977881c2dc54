//! `/v1/artifacts/uploads`

mod abort;
mod complete;
mod get;
mod initiate;
mod parts;

use slipway_test_support::{Value, World, file, json};

pub const UPLOADS: &str = "/v1/artifacts/uploads";

pub const VIEW: &[&str] = &[
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

pub async fn initiate(world: &World) -> (Value, Vec<u8>) {
    let (bytes, sha256) = file(1, 1000);
    let body = json!({ "size_bytes": bytes.len(), "sha256": sha256, "filename": "app 1.0.msi" });
    (world.post(UPLOADS, body).await.expect(201), bytes)
}
