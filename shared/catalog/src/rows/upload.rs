//! The row of an upload.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::upload::{
    FailureReason, HashCheckpoint, MultipartUpload, PartCopy, Upload, UploadFailure, UploadRelease,
    VerificationProgress,
};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for Upload {
    type Row<'a> = UploadRow<'a>;

    fn to_row(&self) -> UploadRow<'_> {
        self.into()
    }

    fn from_row(row: UploadRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An upload.
#[derive(Serialize, Deserialize)]
pub(crate) struct UploadRow<'a> {
    upload_id: Cow<'a, str>,
    artifact_id: Cow<'a, str>,
    status: Cow<'a, str>,
    size_bytes: u64,
    sha256: Cow<'a, str>,
    filename: Option<Cow<'a, str>>,
    multipart: Option<MultipartUploadRow<'a>>,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<UploadReleaseRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progressed_at: Option<Timestamp>,
    checkpoint: Option<HashCheckpointRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<PartCopyRow<'a>>,
    failure: Option<UploadFailureRow<'a>>,
}

impl<'a> From<&'a Upload> for UploadRow<'a> {
    fn from(value: &'a Upload) -> Self {
        Self {
            upload_id: value.upload_id.to_text(),
            artifact_id: value.artifact_id.to_text(),
            status: value.status.to_text(),
            size_bytes: value.size_bytes,
            sha256: value.sha256.to_text(),
            filename: text::optional(value.filename.as_ref()),
            multipart: value.multipart.as_ref().map(Into::into),
            created_at: value.created_at,
            created_by: value.created_by.as_str().into(),
            expires_at: value.expires_at,
            release: value.release.as_ref().map(Into::into),
            progressed_at: value.progress.recorded_at,
            checkpoint: value.progress.checkpoint.as_ref().map(Into::into),
            copy: value.progress.copy.as_ref().map(Into::into),
            failure: value.failure.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<UploadRow<'_>> for Upload {
    type Error = Error;

    fn try_from(row: UploadRow<'_>) -> Result<Self> {
        Ok(Self {
            upload_id: StoredText::from_text(row.upload_id)?,
            artifact_id: StoredText::from_text(row.artifact_id)?,
            status: StoredText::from_text(row.status)?,
            size_bytes: row.size_bytes,
            sha256: StoredText::from_text(row.sha256)?,
            filename: text::from_optional(row.filename)?,
            multipart: row.multipart.map(TryInto::try_into).transpose()?,
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
            expires_at: row.expires_at,
            release: row.release.map(TryInto::try_into).transpose()?,
            progress: VerificationProgress {
                recorded_at: row.progressed_at,
                checkpoint: row.checkpoint.map(TryInto::try_into).transpose()?,
                copy: row.copy.map(TryInto::try_into).transpose()?,
            },
            failure: row.failure.map(TryInto::try_into).transpose()?,
        })
    }
}

/// The plan of a multipart upload.
#[derive(Serialize, Deserialize)]
pub(crate) struct MultipartUploadRow<'a> {
    s3_upload_id: Cow<'a, str>,
    part_size: u64,
    part_count: u32,
}

impl<'a> From<&'a MultipartUpload> for MultipartUploadRow<'a> {
    fn from(value: &'a MultipartUpload) -> Self {
        Self {
            s3_upload_id: value.s3_upload_id.as_str().into(),
            part_size: value.part_size,
            part_count: value.part_count,
        }
    }
}

impl TryFrom<MultipartUploadRow<'_>> for MultipartUpload {
    type Error = Error;

    fn try_from(row: MultipartUploadRow<'_>) -> Result<Self> {
        Ok(Self {
            s3_upload_id: row.s3_upload_id.into_owned(),
            part_size: row.part_size,
            part_count: row.part_count,
        })
    }
}

/// The release that an upload is for. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct UploadReleaseRow<'a> {
    release_id: Cow<'a, str>,
    product_id: Cow<'a, str>,
    revision: u64,
}

impl<'a> From<&'a UploadRelease> for UploadReleaseRow<'a> {
    fn from(value: &'a UploadRelease) -> Self {
        Self {
            release_id: value.release_id.to_text(),
            product_id: value.product_id.to_text(),
            revision: value.revision,
        }
    }
}

impl TryFrom<UploadReleaseRow<'_>> for UploadRelease {
    type Error = Error;

    fn try_from(row: UploadReleaseRow<'_>) -> Result<Self> {
        Ok(Self {
            release_id: StoredText::from_text(row.release_id)?,
            product_id: StoredText::from_text(row.product_id)?,
            revision: row.revision,
        })
    }
}

/// How far hashing has come.
#[derive(Serialize, Deserialize)]
pub(crate) struct HashCheckpointRow<'a> {
    etag: Cow<'a, str>,
    bytes: u64,
    state: Cow<'a, str>,
}

impl<'a> From<&'a HashCheckpoint> for HashCheckpointRow<'a> {
    fn from(value: &'a HashCheckpoint) -> Self {
        Self {
            etag: value.etag.as_str().into(),
            bytes: value.bytes,
            state: value.state.as_str().into(),
        }
    }
}

impl TryFrom<HashCheckpointRow<'_>> for HashCheckpoint {
    type Error = Error;

    fn try_from(row: HashCheckpointRow<'_>) -> Result<Self> {
        Ok(Self { etag: row.etag.into_owned(), bytes: row.bytes, state: row.state.into_owned() })
    }
}

/// The copy of an object that is copied in parts.
#[derive(Serialize, Deserialize)]
pub(crate) struct PartCopyRow<'a> {
    etag: Cow<'a, str>,
    s3_upload_id: Cow<'a, str>,
}

impl<'a> From<&'a PartCopy> for PartCopyRow<'a> {
    fn from(value: &'a PartCopy) -> Self {
        Self { etag: value.etag.as_str().into(), s3_upload_id: value.s3_upload_id.as_str().into() }
    }
}

impl TryFrom<PartCopyRow<'_>> for PartCopy {
    type Error = Error;

    fn try_from(row: PartCopyRow<'_>) -> Result<Self> {
        Ok(Self { etag: row.etag.into_owned(), s3_upload_id: row.s3_upload_id.into_owned() })
    }
}

/// Why an upload failed. The reason is said where the digest does not tell it.
#[derive(Serialize, Deserialize)]
pub(crate) struct UploadFailureRow<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    expected_size_bytes: u64,
    actual_size_bytes: Option<u64>,
    expected_sha256: Cow<'a, str>,
    actual_sha256: Option<Cow<'a, str>>,
}

impl<'a> From<&'a UploadFailure> for UploadFailureRow<'a> {
    fn from(value: &'a UploadFailure) -> Self {
        Self {
            reason: (value.reason != untold_reason(value.actual_sha256.is_some()))
                .then(|| value.reason.to_text()),
            expected_size_bytes: value.expected_size_bytes,
            actual_size_bytes: value.actual_size_bytes,
            expected_sha256: value.expected_sha256.to_text(),
            actual_sha256: text::optional(value.actual_sha256.as_ref()),
        }
    }
}

impl TryFrom<UploadFailureRow<'_>> for UploadFailure {
    type Error = Error;

    fn try_from(row: UploadFailureRow<'_>) -> Result<Self> {
        let actual_sha256 = text::from_optional(row.actual_sha256)?;
        Ok(Self {
            reason: text::from_optional(row.reason)?
                .unwrap_or(untold_reason(actual_sha256.is_some())),
            expected_size_bytes: row.expected_size_bytes,
            actual_size_bytes: row.actual_size_bytes,
            expected_sha256: StoredText::from_text(row.expected_sha256)?,
            actual_sha256,
        })
    }
}

/// The reason of a failure that tells none: what was hashed had the right size.
const fn untold_reason(hashed: bool) -> FailureReason {
    if hashed { FailureReason::ChecksumMismatch } else { FailureReason::SizeMismatch }
}
