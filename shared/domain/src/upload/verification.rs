//! How the bytes of an upload are verified: in steps, each of which goes on from the progress that
//! the one before has recorded.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Upload;
use crate::{Code, Error, Sha256, UploadId};

/// Time without progress after which verification is started anew: longer than a step can take.
pub const RESUMED_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// Time without progress after which an upload fails: S3 may be out of reach for hours.
pub const STALLED_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How far the verification of an upload has got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerificationProgress {
    /// Time of the last step forward; `None` before the first one.
    pub recorded_at: Option<Timestamp>,
    /// How far hashing has got; `None` before the first checkpoint.
    pub checkpoint: Option<HashCheckpoint>,
    /// The copy under way of an object that is copied in parts; `None` before it begins.
    pub copy: Option<PartCopy>,
}

/// Intermediate state of hashing, from which another invocation resumes: SHA-256 after `bytes`
/// bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashCheckpoint {
    /// `ETag` of the object that was read. An object with another `ETag` is hashed from the start.
    pub etag: String,
    /// Bytes hashed so far.
    pub bytes: u64,
    /// State of the hasher, base64.
    pub state: String,
}

/// The S3 multipart upload that verified bytes are copied into. S3 knows the parts that are done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartCopy {
    /// `ETag` of the object that is copied. An object with another `ETag` is copied from the start.
    pub etag: String,
    /// Id of the multipart upload in S3.
    pub s3_upload_id: String,
}

/// Why verification failed: declared and actual size and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UploadFailure {
    /// What is wrong.
    pub reason: FailureReason,
    /// Declared size in bytes.
    pub expected_size_bytes: u64,
    /// Actual size in bytes; null if verification stalled.
    pub actual_size_bytes: Option<u64>,
    /// Declared SHA-256 digest.
    pub expected_sha256: Sha256,
    /// Actual SHA-256 digest; null if the size was wrong, because then nothing is hashed, and if
    /// verification stalled.
    pub actual_sha256: Option<Sha256>,
}

/// What is wrong with an upload that has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
    /// The bytes do not have the declared size.
    SizeMismatch,
    /// The bytes do not have the declared digest.
    ChecksumMismatch,
    /// Verification has made no progress for 24 hours, for a fault on the server's side. Nothing is
    /// known to be wrong with the bytes.
    VerificationStalled,
}

/// Result of verifying the bytes of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerificationResult {
    /// The bytes match the declared size and digest.
    Match,
    /// The bytes do not match.
    Mismatch(UploadFailure),
}

impl VerificationProgress {
    /// Whether `self` is at least as far as `other`, in the same bytes.
    #[must_use]
    pub fn is_level_with(&self, other: &Self) -> bool {
        let hashed = |progress: &Self| {
            progress
                .checkpoint
                .as_ref()
                .map(|checkpoint| (checkpoint.etag.clone(), checkpoint.bytes))
        };
        match (hashed(self), hashed(other)) {
            (Some((etag, bytes)), Some((of, least))) => {
                etag == of && bytes >= least && (self.copy.is_some() || other.copy.is_none())
            }
            (_, None) => other.copy.is_none(),
            (None, Some(_)) => false,
        }
    }
}

impl Upload {
    /// Compares the size only; `Some` if it is wrong.
    #[must_use]
    pub fn compare_size(&self, actual: u64) -> Option<UploadFailure> {
        (actual != self.size_bytes)
            .then(|| self.failure(FailureReason::SizeMismatch, Some(actual), None))
    }

    /// Compares the digest of bytes that have the right size.
    #[must_use]
    pub fn compare_digest(&self, actual: Sha256) -> VerificationResult {
        if actual == self.sha256 {
            return VerificationResult::Match;
        }
        let (reason, size) = (FailureReason::ChecksumMismatch, Some(self.size_bytes));
        VerificationResult::Mismatch(self.failure(reason, size, Some(actual)))
    }

    /// The failure of an upload whose verification has made no progress until `now` for
    /// [`STALLED_AFTER`]; `None` if it has, or has not begun.
    #[must_use]
    pub fn stalled_at(&self, now: Timestamp) -> Option<UploadFailure> {
        let idle = now.duration_since(self.progress.recorded_at?);
        (idle >= STALLED_AFTER)
            .then(|| self.failure(FailureReason::VerificationStalled, None, None))
    }

    fn failure(
        &self,
        reason: FailureReason,
        actual_size_bytes: Option<u64>,
        actual_sha256: Option<Sha256>,
    ) -> UploadFailure {
        UploadFailure {
            reason,
            expected_size_bytes: self.size_bytes,
            actual_size_bytes,
            expected_sha256: self.sha256,
            actual_sha256,
        }
    }
}

impl UploadFailure {
    /// The error that the client gets.
    #[must_use]
    pub fn refusal(&self, upload: &UploadId) -> Error {
        let size = self.actual_size_bytes.unwrap_or_default();
        let digest = self.actual_sha256.map(|digest| digest.to_string()).unwrap_or_default();
        let (code, message) = match self.reason {
            FailureReason::SizeMismatch => (
                Code::ChecksumMismatch,
                format!(
                    "{upload} received {size} bytes, not the announced {}",
                    self.expected_size_bytes
                ),
            ),
            FailureReason::ChecksumMismatch => (
                Code::ChecksumMismatch,
                format!(
                    "the bytes of {upload} have SHA-256 {digest}, not the announced {}",
                    self.expected_sha256
                ),
            ),
            FailureReason::VerificationStalled => (
                Code::StaleState,
                format!(
                    "{upload} could not be verified: there was no progress for {STALLED_AFTER:#}; initiate a new upload"
                ),
            ),
        };
        Error::new(code, message).with(json!(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(etag: &str, bytes: u64) -> VerificationProgress {
        let checkpoint = HashCheckpoint { etag: etag.to_owned(), bytes, state: String::new() };
        VerificationProgress { checkpoint: Some(checkpoint), ..VerificationProgress::default() }
    }

    fn copying(progress: VerificationProgress) -> VerificationProgress {
        let copy = PartCopy { etag: "1".to_owned(), s3_upload_id: "id".to_owned() };
        VerificationProgress { copy: Some(copy), ..progress }
    }

    #[test]
    fn whoever_has_hashed_as_much_of_the_same_bytes_is_level() {
        let none = VerificationProgress::default();
        assert!(none.is_level_with(&none) && hashed("1", 1).is_level_with(&none));
        assert!(!none.is_level_with(&hashed("1", 1)));
        assert!(hashed("1", 2).is_level_with(&hashed("1", 2)));
        assert!(!hashed("1", 1).is_level_with(&hashed("1", 2)));
        assert!(!hashed("2", 9).is_level_with(&hashed("1", 2)));
    }

    #[test]
    fn whoever_copies_is_ahead_of_whoever_hashes() {
        assert!(copying(hashed("1", 2)).is_level_with(&hashed("1", 2)));
        assert!(!hashed("1", 2).is_level_with(&copying(hashed("1", 2))));
        assert!(
            !VerificationProgress::default()
                .is_level_with(&copying(VerificationProgress::default()))
        );
    }
}
