//! How an upload is shown.

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::artifact::Filename;
use slipway_domain::upload::{Upload, UploadFailure, UploadStatus};
use slipway_domain::{ArtifactId, Sha256, Timestamp, UploadId};

/// Where an upload stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadView {
    /// Its id.
    upload_id: UploadId,
    /// Where it stands.
    status: UploadStatus,
    /// The artifact that it has become; null until it is `available`.
    artifact_id: Option<ArtifactId>,
    /// The announced length.
    size_bytes: u64,
    /// The announced digest.
    sha256: Sha256,
    /// What the file is called.
    filename: Option<Filename>,
    /// Bytes that have been hashed; those of an object whose digest S3 has checked are not read.
    bytes_verified: u64,
    /// Why it failed, if it did.
    failure: Option<UploadFailure>,
    /// When it was initiated.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    created_at: Timestamp,
    /// When its URLs stop working.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    expires_at: Timestamp,
}

impl UploadView {
    /// `upload` as it stands at `now`.
    pub(crate) fn of(upload: Upload, now: Timestamp) -> Self {
        let status = upload.status_at(now);
        let available = status == UploadStatus::Available;
        let hashed = upload.checkpoint.map_or(0, |checkpoint| checkpoint.bytes);
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
