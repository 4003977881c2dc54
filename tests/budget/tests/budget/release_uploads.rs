//! What a client pays that knows Releasy's uploads only.

use slipway_test_support::{Value, file, json, registration, release_path};

use crate::operations::CostMeter;

/// Length of the file in bytes.
const LENGTH: usize = 1_000;
/// One byte more than a request verifies.
const LARGE: usize = (256 << 20) + 1;

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
        self.left_to_job(draft).await;
    }

    /// Pays for the registration of a file that is too large to be verified in a request.
    async fn left_to_job(&mut self, draft: &Value) {
        let body = json!({ "filename": "linux.tar.gz", "platform": "linux-arm64" });
        let path = release_path(draft, "/artifacts/presign");
        let presigned = self.fixture.world.post(&path, body).await.expect(200);
        let sent = self.fixture.world.send(&presigned["upload_url"], vec![7; LARGE]).await;
        assert_eq!(sent, 200);
        let mut registered = registration(&presigned, &"d2".repeat(32), LARGE);
        registered["platform"] = json!("linux-arm64");
        let path = release_path(draft, "/artifacts");
        let call = self.call("release-artifact-add", path).json(&registered);
        let (answer, record) = Box::pin(call.on(&self.fixture.world.stack.services)).await;
        answer.refused(503, "unavailable", None);
        self.costs.add("a file that is left to the job", record);
    }
}
