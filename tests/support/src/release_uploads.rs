//! What tests of uploads for releases say again and again.

use serde_json::{Value, json};

use crate::{TestResponse, World, file, release_path};

impl World {
    /// A URL for a file of `release`, for Linux.
    pub async fn presign(&self, release: &Value, filename: &str) -> Value {
        let body = json!({ "filename": filename, "platform": "linux-x86_64" });
        self.post(&release_path(release, "/artifacts/presign"), body).await.expect(200)
    }

    /// A file of `release` that has arrived, of these seed and length; and the request that
    /// registers it.
    pub async fn sent(&self, release: &Value, seed: u64, length: usize) -> (Value, Value) {
        let (bytes, sha256) = file(seed, length);
        let presigned = self.presign(release, "linux.tar.gz").await;
        assert_eq!(self.send(&presigned["upload_url"], bytes).await, 200);
        let registration = registration(&presigned, &sha256, length);
        (presigned, registration)
    }

    /// Registers a file of `release`.
    pub async fn register(&self, release: &Value, registration: &Value) -> TestResponse {
        self.post(&release_path(release, "/artifacts"), registration.clone()).await
    }
}

/// The request that registers what was sent to a presigned URL.
pub fn registration(presigned: &Value, sha256: &str, size: usize) -> Value {
    json!({
        "artifact_id": presigned["artifact_id"], "object_key": presigned["object_key"],
        "checksum": sha256, "size": size, "platform": "linux-x86_64",
    })
}

/// The id by which the API knows an artifact that Releasy's clients know by a UUID.
pub fn artifact_of(uuid: &Value) -> Value {
    json!(format!("art_{}", uuid.as_str().expect("a UUID").replace('-', "")))
}
