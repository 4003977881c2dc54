//! An S3 multipart upload that was created: the parts that it has, its completion, and giving it up.

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Part};
use slipway_domain::Result;

use crate::bucket::{Bucket, failed, status};

/// A multipart upload by key and id. Somebody else may have completed or aborted it meanwhile: then
/// it is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenMultipart<'a> {
    pub(crate) bucket: &'a Bucket,
    pub(crate) key: &'a str,
    pub(crate) id: &'a str,
}

impl OpenMultipart<'_> {
    /// The parts that have arrived; `None` if it is gone.
    pub(crate) async fn list_parts(self) -> Result<Option<Vec<Part>>> {
        let (mut parts, mut marker) = (Vec::new(), None);
        loop {
            self.bucket.meter.s3_request();
            let request = self.bucket.client.list_parts().bucket(&self.bucket.name).key(self.key);
            let request = request.upload_id(self.id).set_part_number_marker(marker);
            let page = match request.send().await {
                Ok(page) => page,
                Err(error) if status(&error) == Some(404) => return Ok(None),
                Err(error) => return Err(failed(error)),
            };
            parts.extend(page.parts.unwrap_or_default());
            marker = page.next_part_number_marker.filter(|_| page.is_truncated == Some(true));
            if marker.is_none() {
                return Ok(Some(parts));
            }
        }
    }

    /// Makes an object of `parts`. Says whether that was done here: `false` if it is gone.
    pub(crate) async fn complete(self, parts: Vec<CompletedPart>) -> Result<bool> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        self.bucket.meter.s3_request();
        let request = self.bucket.client.complete_multipart_upload().bucket(&self.bucket.name);
        let request = request.key(self.key).upload_id(self.id).multipart_upload(parts);
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if status(&error) == Some(404) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    /// Aborts it and deletes its parts. Idempotent.
    pub(crate) async fn abort(self) -> Result<()> {
        self.bucket.meter.s3_request();
        let request = self.bucket.client.abort_multipart_upload().bucket(&self.bucket.name);
        match request.key(self.key).upload_id(self.id).send().await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(404) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}
