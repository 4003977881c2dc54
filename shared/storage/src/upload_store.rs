//! Presigned uploads to `incoming/`.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedPart};
use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::upload::{MultipartUpload, Upload};
use slipway_domain::{Code, Error, Result, Sha256, UploadId};

use crate::bucket::{Bucket, failed};
use crate::keys::incoming;
use crate::open_multipart::OpenMultipart;

/// Takes in uploads. Requires `s3:PutObject`, `s3:DeleteObject`, `s3:AbortMultipartUpload` and
/// `s3:ListMultipartUploadParts` on `incoming/`.
#[derive(Debug, Clone)]
pub struct UploadStore {
    pub(crate) bucket: Bucket,
}

/// A presigned PUT: the URL, and the headers that the request must have. The URL is its own
/// credential: storage refuses an `Authorization` header beside it with 400.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PresignedPut {
    /// Presigned URL.
    #[schemars(extend("format" = "uri"))]
    pub url: String,
    /// Headers that the request must have, with exactly these values: they are signed.
    pub headers: BTreeMap<String, String>,
}

/// An uploaded part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeldPart {
    /// Part number, from 1.
    pub part_number: u32,
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 digest as the client declared it; null if it declared none.
    pub sha256: Option<Sha256>,
    #[serde(skip)]
    e_tag: String,
}

impl UploadStore {
    /// An upload store for `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    /// Makes sure that the deployment has a bucket.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn require_bucket(&self) -> Result<()> {
        if self.bucket.name.is_empty() {
            return Err(Error::new(Code::Unavailable, "artifact storage not configured"));
        }
        Ok(())
    }

    /// A presigned URL that accepts any bytes; they are hashed after they arrive. No call is made.
    pub async fn presign_put(&self, upload: &UploadId, lifetime: Duration) -> Result<String> {
        let request =
            self.bucket.client.put_object().bucket(&self.bucket.name).key(incoming(upload));
        Ok(request.presigned(presigning(lifetime)?).await.map_err(failed)?.uri().to_owned())
    }

    /// A presigned PUT that accepts the declared bytes only: S3 checks size and digest, because
    /// both are signed headers. (S3 ignores them as query parameters.) A store that checks no digests checks the size. No call
    /// is made.
    pub async fn presign_checked_put(
        &self,
        upload: &Upload,
        lifetime: Duration,
    ) -> Result<PresignedPut> {
        let request = self
            .bucket
            .client
            .put_object()
            .bucket(&self.bucket.name)
            .key(incoming(&upload.upload_id));
        let length = i64::try_from(upload.size_bytes).map_err(Error::internal)?;
        let request =
            request.content_length(length).set_checksum_sha256(self.checksum(&upload.sha256));
        Ok(presigned(&request.presigned(presigning(lifetime)?).await.map_err(failed)?))
    }

    /// Creates a multipart upload in S3, and returns its id.
    pub async fn create_multipart_upload(&self, upload: &UploadId) -> Result<String> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .create_multipart_upload()
            .bucket(&self.bucket.name)
            .key(incoming(upload));
        let checksums = self.bucket.traits.sha256_checksums;
        let request = request
            .set_checksum_algorithm(checksums.then_some(ChecksumAlgorithm::Sha256))
            .set_checksum_type(checksums.then_some(ChecksumType::Composite));
        let answer = request.send().await.map_err(failed)?;
        answer
            .upload_id
            .ok_or_else(|| Error::internal("S3 opened a multipart upload without an id"))
    }

    /// A presigned PUT of one part, whose size and digest the store checks, as far as it checks digests. No call is made.
    pub async fn presign_part(
        &self,
        upload: &Upload,
        plan: &MultipartUpload,
        number: u32,
        sha256: &Sha256,
        lifetime: Duration,
    ) -> Result<PresignedPut> {
        let size = plan
            .size_of(number, upload.size_bytes)
            .ok_or_else(|| Error::internal(format!("no part {number}")))?;
        let request = self
            .bucket
            .client
            .upload_part()
            .bucket(&self.bucket.name)
            .key(incoming(&upload.upload_id));
        let request = request.upload_id(&plan.s3_upload_id).part_number(part_number(number)?);
        let request = request
            .content_length(i64::try_from(size).map_err(Error::internal)?)
            .set_checksum_sha256(self.checksum(sha256));
        Ok(presigned(&request.presigned(presigning(lifetime)?).await.map_err(failed)?))
    }

    /// Lists the parts that have arrived; `None` if the multipart upload is completed or aborted.
    pub async fn list_parts(
        &self,
        upload: &UploadId,
        plan: &MultipartUpload,
    ) -> Result<Option<Vec<HeldPart>>> {
        let key = incoming(upload);
        let parts = self.open(&key, plan).list_parts().await?;
        Ok(parts.map(|parts| parts.iter().filter_map(held_part).collect()))
    }

    /// Completes the multipart upload. S3 sends the same event as for a single PUT. Idempotent.
    pub async fn complete_multipart_upload(
        &self,
        upload: &UploadId,
        plan: &MultipartUpload,
        parts: &[HeldPart],
    ) -> Result<()> {
        let parts = parts.iter().map(completed).collect::<Result<_>>()?;
        self.open(&incoming(upload), plan).complete(parts).await.map(drop)
    }

    /// Aborts the multipart upload and deletes its parts.
    pub async fn abort_multipart_upload(
        &self,
        upload: &UploadId,
        plan: &MultipartUpload,
    ) -> Result<()> {
        self.open(&incoming(upload), plan).abort().await
    }

    /// The header with which the store checks that bytes have the digest `sha256`, if it does.
    fn checksum(&self, sha256: &Sha256) -> Option<String> {
        self.bucket.traits.sha256_checksums.then(|| sha256.to_base64())
    }

    fn open<'a>(&'a self, key: &'a str, plan: &'a MultipartUpload) -> OpenMultipart<'a> {
        OpenMultipart { bucket: &self.bucket, key, id: &plan.s3_upload_id }
    }

    /// Deletes the object that has arrived for an upload, if any.
    pub async fn delete_object(&self, upload: &UploadId) -> Result<()> {
        self.bucket.meter.s3_request();
        self.bucket
            .client
            .delete_object()
            .bucket(&self.bucket.name)
            .key(incoming(upload))
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }
}

fn presigning(lifetime: Duration) -> Result<PresigningConfig> {
    PresigningConfig::expires_in(lifetime).map_err(Error::internal)
}

fn presigned(request: &PresignedRequest) -> PresignedPut {
    let headers =
        request.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    PresignedPut { url: request.uri().to_owned(), headers }
}

fn held_part(part: &aws_sdk_s3::types::Part) -> Option<HeldPart> {
    Some(HeldPart {
        part_number: u32::try_from(part.part_number()?).ok()?,
        size_bytes: u64::try_from(part.size()?).ok()?,
        sha256: part.checksum_sha256().and_then(Sha256::from_base64),
        e_tag: part.e_tag()?.to_owned(),
    })
}

fn completed(part: &HeldPart) -> Result<CompletedPart> {
    let completed =
        CompletedPart::builder().part_number(part_number(part.part_number)?).e_tag(&part.e_tag);
    Ok(completed.set_checksum_sha256(part.sha256.map(Sha256::to_base64)).build())
}

fn part_number(number: u32) -> Result<i32> {
    i32::try_from(number).map_err(Error::internal)
}
