//! Removing what uploads that can't be verified leave behind.

use slipway_domain::upload::{PartCopy, Upload};
use slipway_domain::{Result, UploadId};

use crate::bucket::Bucket;
use crate::keys::served;
use crate::open_multipart::OpenMultipart;
use crate::upload_store::UploadStore;

/// Removes what is left of uploads. Requires `s3:DeleteObject` on `incoming/` and
/// `s3:AbortMultipartUpload` on `artifacts/`.
#[derive(Debug, Clone)]
pub struct UploadSweeper {
    bucket: Bucket,
}

impl UploadSweeper {
    /// A sweeper for `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    /// Gives up the copy in parts that is under way, if there is one. Idempotent.
    pub async fn abandon_copy(&self, upload: &Upload) -> Result<()> {
        let Some(PartCopy { s3_upload_id, .. }) = &upload.progress.copy else { return Ok(()) };
        let key = served(&upload.sha256);
        OpenMultipart { bucket: &self.bucket, key: &key, id: s3_upload_id }.abort().await
    }

    /// Deletes the object that has arrived for an upload, if any.
    pub async fn delete_object(&self, upload: &UploadId) -> Result<()> {
        UploadStore::new(self.bucket.clone()).delete_object(upload).await
    }
}
