//! What a client pays that knows Releasy's uploads only.

use slipway_test_support::{Value, file, json, registration, release_path};

use crate::operations::CostMeter;

/// Length of the file in bytes.
const LENGTH: usize = 1_000;

impl CostMeter {
    /// Pays for a file that is sent for a draft, and registered.
    pub async fn release_uploads(&mut self, draft: &Value) {
        let path = release_path(draft, "/artifacts/presign");
        let body = json!({ "filename": "linux.tar.gz", "platform": "linux-x86_64" });
        let presigned = self.with("release-artifact-presign", "", path, &body).await;
        let (bytes, sha256) = file(41, LENGTH);
        let registered = registration(&presigned, &sha256, LENGTH);
        let path = release_path(draft, "/artifacts");
        assert_eq!(self.fixture.world.send(&presigned["upload_url"], bytes).await, 200);
        self.with("release-artifact-add", "a file that was sent", path, &registered).await;
    }
}
