//! Uploads: how bytes become a managed artifact.
//!
//! `pending -> verifying -> available | failed`, and from the first two also `expired` or
//! `aborted`. The last four are final.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::artifact::{Artifact, Filename, SourceType, check_size};
use crate::{ArtifactId, Code, Error, Result, Sha256, UploadId};

/// The largest object that one PUT can carry to S3, 5 GiB.
pub const MAX_SINGLE_PUT: u64 = 5 << 30;
/// The smallest part of a multipart upload that S3 takes, but for the last one.
pub const MIN_PART_SIZE: u64 = 5 << 20;
/// The most parts that a multipart upload can have.
pub const MAX_PARTS: u64 = 10_000;
/// How long upload URLs work.
pub const URL_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// How long a multipart upload may take in all; its part URLs are handed out anew on request.
pub const MULTIPART_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Where an upload stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadStatus {
    /// Waiting for bytes.
    Pending,
    /// The bytes are there and are being hashed.
    Verifying,
    /// The artifact exists.
    Available,
    /// The bytes were not the announced ones; `failure` says how.
    Failed,
    /// The bytes did not come in time.
    Expired,
    /// The client gave it up.
    Aborted,
}

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Its id.
    pub upload_id: UploadId,
    /// The id that the artifact will have.
    pub artifact_id: ArtifactId,
    /// Where it stands, as stored; see [`Upload::status_at`].
    pub status: UploadStatus,
    /// The announced length.
    pub size_bytes: u64,
    /// The announced digest.
    pub sha256: Sha256,
    /// What the file is called.
    pub filename: Option<Filename>,
    /// The plan of a multipart upload.
    pub multipart: Option<MultipartUpload>,
    /// When it was initiated.
    pub created_at: Timestamp,
    /// Who initiated it.
    pub created_by: String,
    /// When its URLs stop working.
    pub expires_at: Timestamp,
    /// How far hashing has come.
    pub checkpoint: Option<HashCheckpoint>,
    /// Why it failed.
    pub failure: Option<UploadFailure>,
}

/// The plan of a multipart upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultipartUpload {
    /// What S3 calls it.
    pub s3_upload_id: String,
    /// Length of every part but the last.
    pub part_size: u64,
    /// Number of parts.
    pub part_count: u32,
}

impl MultipartUpload {
    /// Length of part `number` (from 1) of an object of `size_bytes`; `None` where there is no such
    /// part.
    #[must_use]
    pub fn size_of(&self, number: u32, size_bytes: u64) -> Option<u64> {
        let start = u64::from(number.checked_sub(1)?) * self.part_size;
        (number <= self.part_count).then(|| self.part_size.min(size_bytes - start))
    }
}

/// A point in the middle of hashing at which another run can go on: the state of SHA-256 after
/// `bytes` bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashCheckpoint {
    /// The version of the object that was read. Another version is hashed from the start.
    pub etag: String,
    /// Bytes hashed so far.
    pub bytes: u64,
    /// The hasher's state, base64.
    pub state: String,
}

/// Why verification failed: what was announced and what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UploadFailure {
    /// The announced length.
    pub expected_size_bytes: u64,
    /// The length of what came.
    pub actual_size_bytes: u64,
    /// The announced digest.
    pub expected_sha256: Sha256,
    /// The digest of what came; absent where the length was wrong already.
    pub actual_sha256: Option<Sha256>,
}

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationResult {
    /// The bytes are the announced ones.
    Verified,
    /// They are not.
    Mismatch(UploadFailure),
}

/// What upload-initiate takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// Length of the file.
    #[schemars(range(min = 1, max = crate::artifact::MAX_SIZE_BYTES))]
    pub size_bytes: u64,
    /// Digest of the file, as `sha256sum` prints it.
    pub sha256: Sha256,
    /// What the file is called; downloads carry this name.
    pub filename: Option<Filename>,
    /// Asks for an upload in parts. Above 5 GiB it is one in any case.
    #[serde(default)]
    pub multipart: bool,
}

impl NewUpload {
    /// The part plan this upload needs: `None` for a single PUT, else length and number of the
    /// parts.
    ///
    /// # Errors
    /// `invalid_field` for a size that an artifact can't have.
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
            checkpoint: None,
            failure: None,
        }
    }
}

impl Upload {
    /// Where the upload stands at `now`: an upload that still waits for bytes when its URLs have
    /// stopped working is expired.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> UploadStatus {
        match self.status {
            UploadStatus::Pending if now >= self.expires_at => UploadStatus::Expired,
            status => status,
        }
    }

    /// Whether bytes that are found under its key may still become an artifact.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status, UploadStatus::Pending | UploadStatus::Verifying)
    }

    /// Makes sure that the upload can still take bytes at `now`.
    ///
    /// # Errors
    /// `upload_expired` after its time, `stale_state` once it has ended otherwise.
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

    /// The refusal for an upload whose bytes did not come in time.
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

    /// Judges a length alone: `Some` where it is wrong already.
    #[must_use]
    pub fn judge_size(&self, actual: u64) -> Option<UploadFailure> {
        (actual != self.size_bytes).then(|| self.mismatch(actual, None))
    }

    /// Judges the digest of bytes of the right length.
    #[must_use]
    pub fn judge_digest(&self, actual: Sha256) -> VerificationResult {
        if actual == self.sha256 {
            VerificationResult::Verified
        } else {
            VerificationResult::Mismatch(self.mismatch(self.size_bytes, Some(actual)))
        }
    }

    fn mismatch(&self, actual_size_bytes: u64, actual_sha256: Option<Sha256>) -> UploadFailure {
        UploadFailure {
            expected_size_bytes: self.size_bytes,
            actual_size_bytes,
            expected_sha256: self.sha256,
            actual_sha256,
        }
    }

    /// The artifact that the verified bytes are as of `now`.
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
        }
    }
}

impl UploadFailure {
    /// The refusal that a client reads.
    #[must_use]
    pub fn refusal(&self, upload: &UploadId) -> Error {
        let message = match self.actual_sha256 {
            Some(actual) => format!(
                "the bytes of {upload} have SHA-256 {actual}, not the announced {}",
                self.expected_sha256
            ),
            None => format!(
                "{upload} received {} bytes, not the announced {}",
                self.actual_size_bytes, self.expected_size_bytes
            ),
        };
        Error::new(Code::ChecksumMismatch, message).with(json!(self))
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
