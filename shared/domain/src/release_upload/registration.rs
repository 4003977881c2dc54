//! Registering what was uploaded for a release.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArtifactUuid, ObjectKey, PlatformName, ReleaseUpload};
use crate::artifact::MAX_SIZE_BYTES;
use crate::{Error, ReleaseId, Result, Sha256};

/// Request body of release-artifact-add for a file that was uploaded with release-artifact-presign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactRegistration {
    /// Id of the artifact that release-artifact-presign answered, a UUID.
    pub artifact_id: ArtifactUuid,
    /// Object key that release-artifact-presign answered.
    pub object_key: String,
    /// SHA-256 digest of the file: 64 hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9A-Fa-f]{64}$"))]
    pub checksum: String,
    /// Size of the file in bytes.
    #[schemars(range(min = 1, max = MAX_SIZE_BYTES))]
    pub size: i64,
    /// The platform that release-artifact-presign was given.
    pub platform: String,
}

/// What a client says of the bytes that it has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredBytes {
    /// Size in bytes.
    pub size_bytes: u64,
    /// SHA-256 digest.
    pub sha256: Sha256,
}

/// An artifact that was uploaded for a release, as Releasy answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RegisteredArtifact {
    /// Id of the artifact, a UUID. Other operations know it as `art_` and the same digits.
    pub id: ArtifactUuid,
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Object key that release-artifact-presign answered: a label.
    pub object_key: ObjectKey,
    /// SHA-256 digest of the bytes.
    pub checksum: Sha256,
    /// Size in bytes.
    pub size: u64,
    /// Platform that release-artifact-presign was given.
    pub platform: PlatformName,
    /// Time of the registration, in seconds since 1970, UTC.
    pub created_at: i64,
}

impl ArtifactRegistration {
    /// What it says of the bytes.
    ///
    /// # Errors
    /// `invalid_field` for a checksum that is no SHA-256, and for a size of zero or less, or of more
    /// than [`MAX_SIZE_BYTES`].
    pub fn declared(&self) -> Result<DeclaredBytes> {
        let sha256 = self.checksum.parse().map_err(|_| {
            Error::invalid("checksum", "checksum must be a 64 character hex string")
        })?;
        let size = u64::try_from(self.size).ok().filter(|size| *size > 0);
        let size_bytes = size.ok_or_else(|| Error::invalid("size", "size must be positive"))?;
        if size_bytes > MAX_SIZE_BYTES {
            let message = format!("size must be at most {MAX_SIZE_BYTES} (5 TiB)");
            return Err(Error::invalid("size", message));
        }
        Ok(DeclaredBytes { size_bytes, sha256 })
    }

    /// The upload that it registers: the one that is known by its artifact's id, if that is of the
    /// release, the object key and the platform that it names.
    ///
    /// # Errors
    /// `invalid_field`, in the same words whatever differs: who names another's upload is told
    /// nothing of it.
    pub fn of(&self, upload: Option<ReleaseUpload>, release: &ReleaseId) -> Result<ReleaseUpload> {
        let is_meant = |upload: &ReleaseUpload| {
            upload.release_id == *release
                && upload.object_key.as_str() == self.object_key
                && upload.platform_name.as_str() == self.platform
        };
        upload.filter(is_meant).ok_or_else(|| {
            Error::invalid("object_key", "object_key does not match release or platform")
        })
    }

    /// What is answered of `upload`, which was registered at `now` with `bytes`.
    #[must_use]
    pub fn registered(
        &self,
        upload: &ReleaseUpload,
        bytes: DeclaredBytes,
        now: Timestamp,
    ) -> RegisteredArtifact {
        RegisteredArtifact {
            id: self.artifact_id,
            release_id: upload.release_id.clone(),
            object_key: upload.object_key.clone(),
            checksum: bytes.sha256,
            size: bytes.size_bytes,
            platform: upload.platform_name.clone(),
            created_at: now.as_second(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenerateId;

    fn registration(checksum: &str, size: i64) -> ArtifactRegistration {
        ArtifactRegistration {
            artifact_id: ArtifactUuid::generate(Timestamp::UNIX_EPOCH, [1; 10]),
            object_key: "releases/app/1.0.0/linux-x86_64/id/app.zip".to_owned(),
            checksum: checksum.to_owned(),
            size,
            platform: "linux-x86_64".to_owned(),
        }
    }

    #[test]
    fn what_is_no_digest_or_no_size_is_refused_in_releasys_words() {
        let right = "d2".repeat(32);
        assert_eq!(registration(&right.to_uppercase(), 1).declared().unwrap().size_bytes, 1);
        for wrong in ["", "d2", &"g".repeat(64), &"d".repeat(63), &"d".repeat(65), "日本"] {
            let refused = registration(wrong, 1).declared().unwrap_err();
            assert_eq!(refused.message(), "checksum must be a 64 character hex string");
        }
        for wrong in [0, -1, i64::MIN] {
            let refused = registration(&right, wrong).declared().unwrap_err();
            assert_eq!(refused.message(), "size must be positive");
        }
        let refused = registration(&right, i64::MAX).declared().unwrap_err();
        assert_eq!(refused.message(), "size must be at most 5497558138880 (5 TiB)");
    }
}
