//! From bytes that have arrived to bytes that are served.

use aws_sdk_s3::types::{ChecksumMode, ChecksumType};
use slipway_domain::upload::{Upload, VerificationResult};
use slipway_domain::{Error, Result, Sha256};

use crate::bucket::{Bucket, failed, status};
use crate::copying::{CopyOutcome, CopyRequest};
use crate::hashing::{HashOutcome, ProgressSink, hash};
use crate::keys::{incoming, served};
use crate::upload_store::UploadStore;

/// May verify and keep uploads: what [`UploadStore`] may, and `s3:GetObject` on `incoming/`,
/// `s3:PutObject` on `artifacts/`.
#[derive(Debug, Clone)]
pub struct UploadVerifier {
    bucket: Bucket,
    uploads: UploadStore,
}

/// What has arrived for an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedObject {
    /// The version of the object: what is said of it holds for this version alone.
    pub etag: String,
    /// Its length.
    pub size_bytes: u64,
    /// Its digest, where S3 itself has checked one. (S3's SHA-256 of a multipart object is one of
    /// digests, not of the bytes.)
    pub sha256: Option<Sha256>,
}

/// What became of keeping an arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepOutcome {
    /// Its bytes are served.
    Served,
    /// Other bytes took its place meanwhile, or it was deleted: look again.
    Gone,
}

impl UploadVerifier {
    /// Verifies what arrives in `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { uploads: UploadStore::new(bucket.clone()), bucket }
    }

    /// The intake of the same bucket.
    #[must_use]
    pub fn uploads(&self) -> &UploadStore {
        &self.uploads
    }

    /// What has arrived for `upload`; `None` where nothing has. One call.
    pub async fn uploaded_object(&self, upload: &Upload) -> Result<Option<UploadedObject>> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .head_object()
            .bucket(&self.bucket.name)
            .key(incoming(&upload.upload_id));
        let head = match request.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(head) => head,
            Err(error) if status(&error) == Some(404) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let composite = head.checksum_type() == Some(&ChecksumType::Composite);
        let sha256 = head.checksum_sha256().filter(|_| !composite).and_then(Sha256::from_base64);
        let size = head.content_length().and_then(|length| u64::try_from(length).ok());
        Ok(Some(UploadedObject {
            size_bytes: size.ok_or_else(|| Error::internal("S3 told no length"))?,
            etag: head.e_tag.ok_or_else(|| Error::internal("S3 told no ETag"))?,
            sha256,
        }))
    }

    /// Whether what has arrived is what `upload` announced; `None` where it is not there any more.
    /// Length first, then S3's own checksum, and only where there is none are the bytes read.
    /// `progress` is told how far that has come.
    pub async fn judge(
        &self,
        upload: &Upload,
        uploaded_object: &UploadedObject,
        progress: &mut impl ProgressSink,
    ) -> Result<Option<VerificationResult>> {
        if let Some(failure) = upload.judge_size(uploaded_object.size_bytes) {
            return Ok(Some(VerificationResult::Mismatch(failure)));
        }
        if let Some(sha256) = uploaded_object.sha256 {
            return Ok(Some(upload.judge_digest(sha256)));
        }
        let key = incoming(&upload.upload_id);
        match hash(
            &self.bucket,
            &key,
            &uploaded_object.etag,
            uploaded_object.size_bytes,
            upload.checkpoint.as_ref(),
            progress,
        )
        .await?
        {
            HashOutcome::Whole(sha256) => Ok(Some(upload.judge_digest(sha256))),
            HashOutcome::Gone => Ok(None),
        }
    }

    /// Copies verified bytes to where they are served from: that version of them, or nothing. What
    /// is there already is the same.
    pub async fn keep(
        &self,
        upload: &Upload,
        uploaded_object: &UploadedObject,
    ) -> Result<KeepOutcome> {
        let (from, to) = (incoming(&upload.upload_id), served(&upload.sha256));
        let copy = CopyRequest {
            bucket: &self.bucket,
            from: &from,
            etag: &uploaded_object.etag,
            size: uploaded_object.size_bytes,
            to: &to,
        };
        Ok(match copy.run().await? {
            CopyOutcome::Whole => KeepOutcome::Served,
            CopyOutcome::Gone => KeepOutcome::Gone,
        })
    }
}
