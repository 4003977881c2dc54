//! Artifacts, where they are used, and uploads.

use slipway_domain::{ArtifactId, EventId, ReleaseId, Sha256, UploadId};

use super::{Index, Key, release_change, release_changes};

/// An artifact. What it is used in shares its partition.
#[must_use]
pub fn artifact(id: &ArtifactId) -> Key {
    Key::new(format!("ARTIFACT#{id}"), "ARTIFACT")
}

/// Says that an artifact belongs to a live release. Sorts after the artifact itself.
#[must_use]
pub fn artifact_use(id: &ArtifactId, release: &ReleaseId) -> Key {
    Key::new(format!("ARTIFACT#{id}"), format!("USE#{release}"))
}

/// Position of an artifact among all with the same digest.
#[must_use]
pub fn artifact_with(sha256: &Sha256, id: &ArtifactId) -> (Index, Key) {
    (Index::ByRelation, Key::new(artifacts_with(sha256), id.to_string()))
}

/// The partition of [`Index::ByRelation`] with the artifacts of a digest.
#[must_use]
pub fn artifacts_with(sha256: &Sha256) -> String {
    format!("SHA256#{sha256}")
}

/// An upload.
#[must_use]
pub fn upload(id: &UploadId) -> Key {
    Key::singleton("UPLOAD", id)
}

/// What the keys begin with of what was done to uploads for a release. Their sort keys have places
/// between those of the release's own changes.
#[must_use]
pub fn uploads_for_release(id: &ReleaseId) -> Key {
    Key::new(format!("RELEASEUPLOADS#{id}"), release_changes(id).sk)
}

/// One of them: after the change that made `revision` of the release, before the next.
#[must_use]
pub fn upload_for_release(id: &ReleaseId, revision: u64, event: &EventId) -> Key {
    let Key { pk, .. } = uploads_for_release(id);
    Key::new(pk, format!("{}#{event}", release_change(id, revision).sk))
}

/// An upload for a release, before its bytes are registered. It shares the partition of the upload
/// that it becomes where verifying takes long.
#[must_use]
pub fn release_upload(id: &UploadId) -> Key {
    Key::new(upload(id).pk, "RELEASEUPLOAD")
}
