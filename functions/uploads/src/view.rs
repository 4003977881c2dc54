//! The API's view of an upload.

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::artifact::Filename;
use slipway_domain::upload::{Upload, UploadFailure, UploadStatus};
use slipway_domain::{ArtifactId, Sha256, Timestamp, UploadId};

/// An upload and its progress.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadView {
    /// Id of the upload.
    upload_id: UploadId,
    /// Lifecycle status.
    status: UploadStatus,
    /// Id of the artifact; null until the upload is `available`.
    artifact_id: Option<ArtifactId>,
    /// Declared size in bytes.
    size_bytes: u64,
    /// Declared SHA-256 digest.
    sha256: Sha256,
    /// File name that downloads will carry; null if the client gave none.
    filename: Option<Filename>,
    /// Bytes verified so far; the full size once the upload is `available`.
    bytes_verified: u64,
    /// Why verification failed; null unless the status is `failed`.
    failure: Option<UploadFailure>,
    /// Time of initiation, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    created_at: Timestamp,
    /// Time of expiry, RFC 3339, UTC: a pending upload expires then.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    expires_at: Timestamp,
}

impl UploadView {
    /// `upload` as it is at `now`.
    pub(crate) fn of(upload: Upload, now: Timestamp) -> Self {
        let status = upload.status_at(now);
        let available = status == UploadStatus::Available;
        let hashed = upload.progress.checkpoint.map_or(0, |checkpoint| checkpoint.bytes);
        Self {
            upload_id: upload.upload_id,
            status,
            artifact_id: available.then_some(upload.artifact_id),
            size_bytes: upload.size_bytes,
            sha256: upload.sha256,
            filename: upload.filename,
            bytes_verified: if available { upload.size_bytes } else { hashed },
            failure: upload.failure,
            created_at: upload.created_at,
            expires_at: upload.expires_at,
        }
    }
}
