//! Uploads: how bytes become a managed artifact.
//!
//! `pending -> verifying -> available | failed`; `pending` and `verifying` can also become
//! `expired` or `aborted`. The last four are final.

mod release;
mod verification;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::release::UploadRelease;
pub use self::verification::{
    FailureReason, HashCheckpoint, PartCopy, RESUMED_AFTER, STALLED_AFTER, UploadFailure,
    VerificationProgress, VerificationResult,
};
use crate::artifact::{Artifact, Filename, SourceType, check_size};
use crate::{ArtifactId, Code, Error, Result, Sha256, UploadId};

/// The largest object that a single PUT to S3 can carry: 5 GiB, in bytes.
pub const MAX_SINGLE_PUT: u64 = 5 << 30;
/// The smallest part of an S3 multipart upload, except for the last part, in bytes.
pub const MIN_PART_SIZE: u64 = 5 << 20;
/// The maximum number of parts of an S3 multipart upload.
pub const MAX_PARTS: u64 = 10_000;
/// Validity of presigned upload URLs.
pub const URL_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// Validity of a multipart upload as a whole. Its part URLs can be requested again meanwhile.
pub const MULTIPART_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Lifecycle status of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadStatus {
    /// Waiting for the bytes.
    Pending,
    /// The bytes have arrived and are being hashed.
    Verifying,
    /// Verified: the artifact exists.
    Available,
    /// The bytes do not match the declared size and digest, or could not be verified; see
    /// `failure`.
    Failed,
    /// The bytes did not arrive in time.
    Expired,
    /// The client aborted the upload.
    Aborted,
}

/// An upload: declared bytes on their way to becoming a managed artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Id of the upload.
    pub upload_id: UploadId,
    /// Id that the artifact will have.
    pub artifact_id: ArtifactId,
    /// Status as stored; see [`Upload::status_at`].
    pub status: UploadStatus,
    /// Declared size in bytes.
    pub size_bytes: u64,
    /// Declared SHA-256 digest.
    pub sha256: Sha256,
    /// File name that downloads will carry.
    pub filename: Option<Filename>,
    /// Part layout; `None` for a single PUT.
    pub multipart: Option<MultipartUpload>,
    /// Time of initiation.
    pub created_at: Timestamp,
    /// Actor that initiated the upload.
    pub created_by: String,
    /// Time of expiry: a pending upload expires then.
    pub expires_at: Timestamp,
    /// The release that the bytes are for; `None` for those that any release may get.
    pub release: Option<UploadRelease>,
    /// How far verification has got.
    pub progress: VerificationProgress,
    /// Why verification failed; `None` unless it did.
    pub failure: Option<UploadFailure>,
}

/// Part layout of a multipart upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultipartUpload {
    /// Id of the multipart upload in S3.
    pub s3_upload_id: String,
    /// Size of every part except the last, in bytes.
    pub part_size: u64,
    /// Number of parts.
    pub part_count: u32,
}

impl MultipartUpload {
    /// Size in bytes of part `number` (from 1) of an object of `size_bytes`; `None` if there is no
    /// such part.
    #[must_use]
    pub fn size_of(&self, number: u32, size_bytes: u64) -> Option<u64> {
        let start = u64::from(number.checked_sub(1)?) * self.part_size;
        (number <= self.part_count).then(|| self.part_size.min(size_bytes - start))
    }
}

/// Request body of upload-initiate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// Size of the file in bytes: 1 to 5 TiB.
    #[schemars(range(min = 1, max = crate::artifact::MAX_SIZE_BYTES))]
    pub size_bytes: u64,
    /// SHA-256 digest of the file, as `sha256sum` prints it.
    pub sha256: Sha256,
    /// File name that downloads will carry. Default: none.
    pub filename: Option<Filename>,
    /// Whether to upload in parts. Default: false; files above 5 GiB are always uploaded in parts.
    #[serde(default)]
    pub multipart: bool,
}

impl NewUpload {
    /// The part layout that the upload needs, as part size in bytes and number of parts; `None` for
    /// a single PUT.
    ///
    /// # Errors
    /// `invalid_field` for an invalid size.
    pub fn parts(&self) -> Result<Option<(u64, u32)>> {
        check_size(self.size_bytes)?;
        if !self.multipart && self.size_bytes <= MAX_SINGLE_PUT {
            return Ok(None);
        }
        // 16 MiB parts keep retries cheap; larger objects need larger parts to stay within 10,000.
        let part_size =
            (16 << 20).max(self.size_bytes.div_ceil(MAX_PARTS).next_multiple_of(1 << 20));
        let part_count =
            u32::try_from(self.size_bytes.div_ceil(part_size)).map_err(Error::internal)?;
        Ok(Some((part_size, part_count)))
    }

    /// The upload as of `now`.
    #[must_use]
    pub fn initiate(
        self,
        now: Timestamp,
        ids: (UploadId, ArtifactId),
        multipart: Option<MultipartUpload>,
        actor: &str,
    ) -> Upload {
        let lifetime = if multipart.is_some() { MULTIPART_LIFETIME } else { URL_LIFETIME };
        Upload {
            upload_id: ids.0,
            artifact_id: ids.1,
            status: UploadStatus::Pending,
            size_bytes: self.size_bytes,
            sha256: self.sha256,
            filename: self.filename,
            multipart,
            created_at: now,
            created_by: actor.to_owned(),
            expires_at: now.saturating_add(lifetime).unwrap_or(Timestamp::MAX),
            release: None,
            progress: VerificationProgress::default(),
            failure: None,
        }
    }
}

impl Upload {
    /// Status of the upload at `now`: a pending upload past its `expires_at` is `expired`.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> UploadStatus {
        match self.status {
            UploadStatus::Pending if now >= self.expires_at => UploadStatus::Expired,
            status => status,
        }
    }

    /// Whether the upload can still become an artifact if its bytes are there: it is pending or
    /// verifying.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status, UploadStatus::Pending | UploadStatus::Verifying)
    }

    /// Checks that the upload accepts bytes at `now`.
    ///
    /// # Errors
    /// `upload_expired` after its expiry, `stale_state` if it is final otherwise.
    pub fn require_open(&self, now: Timestamp) -> Result<()> {
        match self.status_at(now) {
            UploadStatus::Pending | UploadStatus::Verifying => Ok(()),
            UploadStatus::Expired => Err(self.expired()),
            UploadStatus::Available | UploadStatus::Failed | UploadStatus::Aborted => {
                Err(Error::new(
                    Code::StaleState,
                    format!("{} has ended; initiate a new upload", self.upload_id),
                ))
            }
        }
    }

    /// The error for an expired upload.
    #[must_use]
    pub fn expired(&self) -> Error {
        Error::new(
            Code::UploadExpired,
            format!(
                "the URLs of {} stopped working at {}; initiate a new upload",
                self.upload_id, self.expires_at
            ),
        )
    }

    /// The managed artifact that the verified upload becomes at `now`.
    #[must_use]
    pub fn artifact(&self, now: Timestamp) -> Artifact {
        Artifact {
            artifact_id: self.artifact_id.clone(),
            source_type: SourceType::Managed,
            sha256: self.sha256,
            size_bytes: self.size_bytes,
            external_url: None,
            filename: self.filename.clone(),
            created_at: now,
            created_by: self.created_by.clone(),
            verified: true,
            check: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn new(size_bytes: u64, multipart: bool) -> NewUpload {
        NewUpload { size_bytes, sha256: Sha256::of(b""), filename: None, multipart }
    }

    proptest! {
        #[test]
        fn parts_cover_the_object_within_the_limits_of_s3(size_bytes in 1..=crate::artifact::MAX_SIZE_BYTES) {
            let (part_size, part_count) = new(size_bytes, true).parts().unwrap().unwrap();
            let plan = MultipartUpload { s3_upload_id: String::new(), part_size, part_count };
            let total: u64 = (1..=part_count).filter_map(|number| plan.size_of(number, size_bytes)).sum();
            prop_assert_eq!(total, size_bytes);
            prop_assert!(u64::from(part_count) <= MAX_PARTS && (MIN_PART_SIZE..=MAX_SINGLE_PUT).contains(&part_size));
            prop_assert_eq!(plan.size_of(part_count + 1, size_bytes), None);
            prop_assert_eq!(plan.size_of(0, size_bytes), None);
        }
    }

    #[test]
    fn one_put_up_to_five_gibibytes_and_parts_from_one_byte_more() {
        assert_eq!(new(MAX_SINGLE_PUT, false).parts().unwrap(), None);
        assert!(new(MAX_SINGLE_PUT + 1, false).parts().unwrap().is_some());
        assert!(
            new(0, false).parts().is_err()
                && new(crate::artifact::MAX_SIZE_BYTES + 1, false).parts().is_err()
        );
    }

    #[test]
    fn an_upload_expires_at_its_time_and_not_one_millisecond_before() {
        let now = Timestamp::UNIX_EPOCH;
        let upload = new(1, false).initiate(
            now,
            ("upl_1".parse().unwrap(), "art_1".parse().unwrap()),
            None,
            "test",
        );
        let end = now + URL_LIFETIME;
        assert_eq!(upload.status_at(end - SignedDuration::from_millis(1)), UploadStatus::Pending);
        assert_eq!(upload.status_at(end), UploadStatus::Expired);
    }
}
