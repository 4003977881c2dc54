//! The facts of an artifact, out of a release and back: the one place that names its members.

use super::ArtifactFacts;
use crate::artifact::ExternalUrl;
use crate::release::ReleaseArtifact;

impl ArtifactFacts {
    /// The artifact of a release that these are the facts of: `verified`, and at `external_url`
    /// unless Slipway stores it.
    #[must_use]
    pub fn into_release_artifact(
        self,
        external_url: Option<ExternalUrl>,
        verified: bool,
    ) -> ReleaseArtifact {
        let Self {
            artifact_id,
            platform,
            arch,
            installer_type,
            requires_admin,
            sha256,
            size_bytes,
        } = self;
        ReleaseArtifact {
            artifact_id,
            platform,
            arch,
            installer_type,
            requires_admin,
            sha256,
            size_bytes,
            external_url,
            verified,
        }
    }
}

impl From<&ReleaseArtifact> for ArtifactFacts {
    fn from(artifact: &ReleaseArtifact) -> Self {
        Self {
            artifact_id: artifact.artifact_id.clone(),
            platform: artifact.platform,
            arch: artifact.arch,
            installer_type: artifact.installer_type,
            requires_admin: artifact.requires_admin,
            sha256: artifact.sha256,
            size_bytes: artifact.size_bytes,
        }
    }
}
