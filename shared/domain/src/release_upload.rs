//! Uploads for a release, as Releasy has them: a URL is presigned before anybody says how many bytes
//! come and with which digest, and what has arrived is registered as an artifact of the release.

mod addition;
mod artifact_uuid;
mod object_key;
mod registration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::addition::{Addition, ArtifactsToAdd};
pub use self::artifact_uuid::ArtifactUuid;
pub use self::object_key::ObjectKey;
pub use self::registration::{ArtifactRegistration, DeclaredBytes, RegisteredArtifact};
use crate::artifact::{Artifact, Filename, SourceType};
use crate::platform::{Arch, InstallerType, Machine, Platform};
use crate::product::Product;
use crate::release::{Release, ReleaseArtifact};
use crate::string_newtype;
use crate::upload::{Upload, UploadRelease, UploadStatus, VerificationProgress};
use crate::{ArtifactId, Error, ReleaseId, Result, UploadId};

string_newtype! {
    /// The name of a file to be uploaded for a release: 1 to 255 bytes of UTF-8.
    UploadName, what = "a file name", rule = "1 to 255 bytes",
    pattern = r"^[\s\S]{1,255}$", check = |text| (1..=255).contains(&text.len())
}

string_newtype! {
    /// The machine that an artifact is built for, as its vendor names it: 1 to 64 bytes, without
    /// control characters.
    PlatformName, what = "a platform", rule = "1 to 64 bytes without control characters, such as `linux-x86_64`",
    pattern = r"^[^\u0000-\u001f\u007f-\u009f]{1,64}$",
    check = |text| (1..=64).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Request body of release-artifact-presign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReleaseUpload {
    /// Name of the file. Its end tells the type of the installer: `.msi`, `.exe`, `.msix`, `.dmg`,
    /// `.pkg`, `.deb`, `.rpm`, `.appimage`, `.apk`, `.zip`, `.tar.gz` or `.tgz`.
    pub filename: UploadName,
    /// Platform and architecture, such as `linux-x86_64`, by any of their names.
    pub platform: PlatformName,
}

/// An upload for a release: announced bytes, of which neither size nor digest is known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseUpload {
    /// Id of the artifact that the bytes become.
    pub artifact_id: ArtifactId,
    /// Id of the upload. It follows from that of the artifact.
    pub upload_id: UploadId,
    /// The release that the artifact is for.
    pub release_id: ReleaseId,
    /// What the client calls the object: a label. Bytes arrive and are served under other keys.
    pub object_key: ObjectKey,
    /// The machine, as the vendor names it.
    pub platform_name: PlatformName,
    /// Operating system it runs on.
    pub platform: Platform,
    /// Processor architecture it runs on.
    pub arch: Arch,
    /// Type of the installer.
    pub installer_type: InstallerType,
    /// File name that downloads will carry; `None` if there is none that every system stores.
    pub filename: Option<Filename>,
    /// When the URL was presigned.
    pub created_at: Timestamp,
    /// Actor that had it presigned.
    pub created_by: String,
    /// When the URL stops working.
    pub expires_at: Timestamp,
}

impl NewReleaseUpload {
    /// The upload for a release of `product`, whose URL works from `now` for `lifetime`.
    ///
    /// # Errors
    /// `invalid_field` for a platform that names no machine, for a file name that tells no type of
    /// installer, and for what makes `.` or `..` a part of the object's key.
    pub fn presign(
        self,
        (product, release): (&Product, &Release),
        uuid: ArtifactUuid,
        (now, lifetime): (Timestamp, SignedDuration),
        actor: &str,
    ) -> Result<ReleaseUpload> {
        let object_key = ObjectKey::new(product, release, &self, uuid)?;
        let machine = self.platform.as_str().parse::<Machine>();
        let Machine { platform, arch } =
            machine.map_err(|error| Error::invalid("platform", error.to_string()))?;
        Ok(ReleaseUpload {
            artifact_id: uuid.artifact_id(),
            upload_id: uuid.upload_id(),
            release_id: release.release_id.clone(),
            installer_type: self.installer_type()?,
            filename: self.download_name(&object_key),
            object_key,
            platform_name: self.platform,
            platform,
            arch,
            created_at: now,
            created_by: actor.to_owned(),
            expires_at: now.saturating_add(lifetime).unwrap_or(Timestamp::MAX),
        })
    }

    fn installer_type(&self) -> Result<InstallerType> {
        InstallerType::of_file(self.filename.as_str()).ok_or_else(|| {
            let ends = InstallerType::FILE_NAMES.map(|(end, _)| end).join(", ");
            let message = format!(
                "the end of the file name tells no type of installer; those that do are {ends}"
            );
            Error::invalid("filename", message)
        })
    }

    /// The name of the file where every system can store it, else that in its key.
    fn download_name(&self, object_key: &ObjectKey) -> Option<Filename> {
        let given = self.filename.as_str().parse().ok();
        given.or_else(|| object_key.filename().parse().ok())
    }
}

impl ReleaseUpload {
    /// The artifact of the release that `bytes` become.
    #[must_use]
    pub fn release_artifact(&self, bytes: DeclaredBytes) -> ReleaseArtifact {
        ReleaseArtifact {
            artifact_id: self.artifact_id.clone(),
            platform: self.platform,
            arch: self.arch,
            installer_type: self.installer_type,
            requires_admin: false,
            sha256: bytes.sha256,
            size_bytes: bytes.size_bytes,
            external_url: None,
            verified: true,
        }
    }

    /// The artifact that `bytes` become, which `actor` registers at `now`.
    #[must_use]
    pub fn artifact(&self, bytes: DeclaredBytes, now: Timestamp, actor: &str) -> Artifact {
        Artifact {
            artifact_id: self.artifact_id.clone(),
            source_type: SourceType::Managed,
            sha256: bytes.sha256,
            size_bytes: bytes.size_bytes,
            external_url: None,
            filename: self.filename.clone(),
            created_at: now,
            created_by: actor.to_owned(),
            verified: true,
            check: None,
        }
    }

    /// The upload whose bytes have arrived for `release` and are to be verified against `bytes`, which
    /// `actor` declares at `now`.
    #[must_use]
    pub fn declared(
        &self,
        bytes: DeclaredBytes,
        release: UploadRelease,
        (now, actor): (Timestamp, &str),
    ) -> Upload {
        Upload {
            upload_id: self.upload_id.clone(),
            artifact_id: self.artifact_id.clone(),
            status: UploadStatus::Verifying,
            size_bytes: bytes.size_bytes,
            sha256: bytes.sha256,
            filename: self.filename.clone(),
            multipart: None,
            created_at: now,
            created_by: actor.to_owned(),
            expires_at: self.expires_at,
            release: Some(release),
            progress: VerificationProgress {
                recorded_at: Some(now),
                ..VerificationProgress::default()
            },
            failure: None,
        }
    }
}
