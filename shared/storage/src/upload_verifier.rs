//! Verification of uploaded bytes, and their copy to the key that they are served from.

use aws_sdk_s3::types::{ChecksumMode, ChecksumType};
use slipway_domain::upload::{Upload, VerificationResult};
use slipway_domain::{Error, Result, Sha256};

use crate::bucket::{Bucket, failed, status};
use crate::copying::{CopyOutcome, CopyRequest};
use crate::hashing::{HashOutcome, hash};
use crate::keys::{incoming, served};
use crate::progress::VerificationStep;
use crate::upload_store::UploadStore;
use crate::upload_sweeper::UploadSweeper;

/// Verifies uploads and keeps verified bytes. Requires what [`UploadStore`] requires,
/// `s3:GetObject` on `incoming/` and `s3:PutObject` on `artifacts/`.
#[derive(Debug, Clone)]
pub struct UploadVerifier {
    bucket: Bucket,
    uploads: UploadStore,
}

/// An object that has arrived for an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedObject {
    /// `ETag` of the object. Everything else holds for this version only.
    pub etag: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 digest, if S3 has verified one. (S3's SHA-256 of a multipart object is a digest of
    /// digests, not of the bytes.)
    pub sha256: Option<Sha256>,
}

/// Outcome of a step of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// All bytes were compared.
    Concluded(VerificationResult),
    /// The object was replaced or deleted meanwhile.
    SourceChanged,
    /// The step is over before the end; its progress is recorded.
    Paused,
}

impl UploadVerifier {
    /// A verifier for `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { uploads: UploadStore::new(bucket.clone()), bucket }
    }

    /// The upload store of the same bucket.
    #[must_use]
    pub fn uploads(&self) -> &UploadStore {
        &self.uploads
    }

    /// The object that has arrived for `upload`; `None` if none has. One call.
    pub async fn uploaded_object(&self, upload: &Upload) -> Result<Option<UploadedObject>> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .head_object()
            .bucket(&self.bucket.name)
            .key(incoming(&upload.upload_id));
        let are_told = self.bucket.traits.sha256_checksums;
        let mode = are_told.then_some(ChecksumMode::Enabled);
        let head = match request.set_checksum_mode(mode).send().await {
            Ok(head) => head,
            Err(error) if status(&error) == Some(404) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let composite = head.checksum_type() == Some(&ChecksumType::Composite);
        let is_of_bytes = are_told && !composite;
        let sha256 = head.checksum_sha256().filter(|_| is_of_bytes).and_then(Sha256::from_base64);
        let size = head.content_length().and_then(|length| u64::try_from(length).ok());
        Ok(Some(UploadedObject {
            size_bytes: size.ok_or_else(|| Error::internal("S3 told no length"))?,
            etag: head.e_tag.ok_or_else(|| Error::internal("S3 told no ETag"))?,
            sha256,
        }))
    }

    /// Verifies the object against the declared size and digest. The size is compared first, then
    /// S3's own checksum; bytes are read only if there is none, as many as `step` has time for.
    pub async fn verify(
        &self,
        upload: &Upload,
        uploaded_object: &UploadedObject,
        step: &mut impl VerificationStep,
    ) -> Result<Verification> {
        if let Some(failure) = upload.compare_size(uploaded_object.size_bytes) {
            return Ok(Verification::Concluded(VerificationResult::Mismatch(failure)));
        }
        if let Some(sha256) = uploaded_object.sha256 {
            return Ok(Verification::Concluded(upload.compare_digest(sha256)));
        }
        let key = incoming(&upload.upload_id);
        let hashed = hash(
            &self.bucket,
            &key,
            &uploaded_object.etag,
            uploaded_object.size_bytes,
            upload.progress.checkpoint.as_ref(),
            step,
        );
        Ok(match hashed.await? {
            HashOutcome::Hashed(sha256) => Verification::Concluded(upload.compare_digest(sha256)),
            HashOutcome::SourceChanged => Verification::SourceChanged,
            HashOutcome::Paused => Verification::Paused,
        })
    }

    /// Copies the verified version of the object to the key that it is served from, as far as
    /// `step` has time. Idempotent.
    pub async fn copy_verified(
        &self,
        upload: &Upload,
        uploaded_object: &UploadedObject,
        step: &mut impl VerificationStep,
    ) -> Result<CopyOutcome> {
        let (from, to) = (incoming(&upload.upload_id), served(&upload.sha256));
        let copy = CopyRequest {
            bucket: &self.bucket,
            from: &from,
            etag: &uploaded_object.etag,
            size: uploaded_object.size_bytes,
            to: &to,
        };
        copy.run(upload.progress.copy.as_ref(), step).await
    }

    /// What removes the leftovers of an upload in the same bucket.
    #[must_use]
    pub fn sweeper(&self) -> UploadSweeper {
        UploadSweeper::new(self.bucket.clone())
    }
}
