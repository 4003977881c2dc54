//! Artifacts that a release is to have: the request, its validation, and their addition to a draft.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Release, ReleaseArtifact, ReleaseStatus};
use crate::artifact::Artifact;
use crate::platform::{Arch, InstallerType, Platform};
use crate::{ArtifactId, Code, Error, Principal, Result};

/// Limit of artifacts in a release. Publishing is one DynamoDB transaction of at most 100 items.
pub const MAX_ARTIFACTS: usize = 50;

/// An artifact of a new release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReleaseArtifact {
    /// Id of a registered or uploaded artifact.
    pub artifact_id: ArtifactId,
    /// Operating system it runs on.
    pub platform: Platform,
    /// Processor architecture it runs on.
    pub arch: Arch,
    /// Type of the installer.
    pub installer_type: InstallerType,
    /// Whether installation requires administrator rights. Default: false.
    #[serde(default)]
    pub requires_admin: bool,
}

/// Request body of release-artifact-add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactAddition {
    /// Artifacts to add, 1 to 50, one per platform, architecture and installer type.
    #[schemars(length(min = 1, max = MAX_ARTIFACTS))]
    pub artifacts: Vec<NewReleaseArtifact>,
}

impl ArtifactAddition {
    /// The distinct ids of the artifacts.
    #[must_use]
    pub fn artifact_ids(&self) -> BTreeSet<ArtifactId> {
        self.artifacts.iter().map(|artifact| artifact.artifact_id.clone()).collect()
    }

    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        check_artifacts(&self.artifacts)
    }

    /// The artifacts, with the properties of the `stored` ones among
    /// [`ArtifactAddition::artifact_ids`].
    ///
    /// # Errors
    /// `artifact_not_ready`, with the one that is not stored, or that `caller` may not see.
    pub fn resolve(self, stored: &[Artifact], caller: &Principal) -> Result<Vec<ReleaseArtifact>> {
        resolve_artifacts(self.artifacts, stored, caller)
    }
}

/// Checks the number of artifacts, and that they are for different machines.
pub(super) fn check_artifacts(artifacts: &[NewReleaseArtifact]) -> Result<()> {
    if !(1..=MAX_ARTIFACTS).contains(&artifacts.len()) {
        return Err(Error::invalid(
            "artifacts",
            format!("give 1 to {MAX_ARTIFACTS} artifacts; a draft needs none, without the field"),
        ));
    }
    let mut seen = BTreeSet::new();
    let repeated =
        artifacts.iter().position(|a| !seen.insert((a.platform, a.arch, a.installer_type)));
    repeated.map_or(Ok(()), |index| {
        let message = "a release has one artifact per platform, arch and installer_type; this one repeats them";
        Err(Error::invalid(format!("artifacts[{index}]"), message))
    })
}

pub(super) fn resolve_artifacts(
    artifacts: Vec<NewReleaseArtifact>,
    stored: &[Artifact],
    caller: &Principal,
) -> Result<Vec<ReleaseArtifact>> {
    let resolved = artifacts.into_iter().enumerate().map(|(index, new)| {
        let found = stored.iter().find(|artifact| artifact.artifact_id == new.artifact_id);
        let artifact = found.ok_or_else(|| new.not_ready(index, caller))?;
        Ok(new.of(artifact))
    });
    resolved.collect()
}

impl NewReleaseArtifact {
    /// The refusal of an artifact that was not found. Of a caller who does not see all, it must not
    /// tell whether there is such an artifact.
    fn not_ready(&self, index: usize, caller: &Principal) -> Error {
        let id = &self.artifact_id;
        let message = if caller.can_see_all_artifacts() {
            format!("{id} is neither registered nor uploaded and verified")
        } else {
            format!(
                "{id} is not visible to this token: it sees artifacts that it has registered or uploaded itself, once they are verified, and those of live releases of its products"
            )
        };
        let error = Error::new(Code::ArtifactNotReady, message);
        error.at(format!("artifacts[{index}].artifact_id")).with(json!({ "artifact_id": id }))
    }

    /// The artifact of a release that it asks for, with the properties of the stored one.
    fn of(self, artifact: &Artifact) -> ReleaseArtifact {
        ReleaseArtifact {
            artifact_id: self.artifact_id,
            platform: self.platform,
            arch: self.arch,
            installer_type: self.installer_type,
            requires_admin: self.requires_admin,
            sha256: artifact.sha256,
            size_bytes: artifact.size_bytes,
            external_url: artifact.external_url.clone(),
            verified: artifact.verified,
        }
    }
}

impl ReleaseArtifact {
    /// Whether both are for the same platform, architecture and installer type.
    fn has_target_of(&self, other: &Self) -> bool {
        (self.platform, self.arch, self.installer_type)
            == (other.platform, other.arch, other.installer_type)
    }

    /// Whether both are the same but for their ids, and for whether they were checked: CI that runs
    /// again uploads the same bytes under a new id.
    pub(super) fn has_content_of(&self, other: &Self) -> bool {
        let artifact_id = self.artifact_id.clone();
        *self == Self { artifact_id, verified: self.verified, ..other.clone() }
    }
}

impl Release {
    /// The draft with `artifacts` as well; `None` if it has them all.
    ///
    /// # Errors
    /// `artifact_exists` for another artifact than the one that the release has for the same
    /// platform, architecture and installer type; `stale_state` for a release that is not a draft
    /// and lacks one; `invalid_field` for more than a release can have.
    pub fn with_artifacts(&self, artifacts: &[ReleaseArtifact]) -> Result<Option<Self>> {
        let mut added = self.clone();
        for (index, artifact) in artifacts.iter().enumerate() {
            match self.artifacts.iter().find(|other| other.has_target_of(artifact)) {
                None => added.artifacts.push(artifact.clone()),
                Some(other) if other.has_content_of(artifact) => {}
                Some(other) => return Err(self.taken(index, artifact, other)),
            }
        }
        if added.artifacts.len() == self.artifacts.len() {
            return Ok(None);
        }
        self.require_open_to_artifacts()?;
        if added.artifacts.len() > MAX_ARTIFACTS {
            let message = format!(
                "{} would have {} artifacts; at most {MAX_ARTIFACTS}",
                self.release_id,
                added.artifacts.len()
            );
            return Err(Error::invalid("artifacts", message));
        }
        Ok(Some(added))
    }

    /// Checks that artifacts may be added.
    ///
    /// # Errors
    /// `stale_state` unless it is a draft.
    pub fn require_open_to_artifacts(&self) -> Result<()> {
        if self.status == ReleaseStatus::Draft {
            return Ok(());
        }
        Err(self.stale("is not a draft; what is published never changes"))
    }

    /// The draft with an artifact that was uploaded for it.
    ///
    /// # Errors
    /// `artifact_exists` where it has the artifact, or one for the same platform, architecture and
    /// installer type; else as [`Release::with_artifacts`].
    pub fn with_uploaded(&self, artifact: &ReleaseArtifact) -> Result<Self> {
        let is_taken = |other: &&ReleaseArtifact| {
            other.artifact_id == artifact.artifact_id || other.has_target_of(artifact)
        };
        if let Some(existing) = self.artifacts.iter().find(is_taken) {
            let error = Error::new(Code::ArtifactExists, "artifact already exists");
            return Err(error.with(json!({ "requested": artifact, "existing": existing })));
        }
        let added = self.with_artifacts(std::slice::from_ref(artifact))?;
        added.ok_or_else(|| Error::internal("an artifact was there and was not"))
    }

    /// Whether it has all of `artifacts`, whatever their ids.
    pub(super) fn includes_artifacts(&self, artifacts: &[ReleaseArtifact]) -> bool {
        artifacts.iter().all(|artifact| self.artifacts.iter().any(|a| a.has_content_of(artifact)))
    }

    /// Checks that it has as many artifacts as its publisher expects.
    ///
    /// # Errors
    /// `artifact_not_ready`, with both numbers.
    pub(super) fn require_artifacts(&self, expected: usize) -> Result<()> {
        let present = self.artifacts.len();
        if present == expected {
            return Ok(());
        }
        let message =
            format!("{expected} artifacts are expected, and {} has {present}", self.release_id);
        let error = Error::new(Code::ArtifactNotReady, message).at("expected_artifacts");
        Err(error.with(json!({ "expected": expected, "present": present })))
    }

    fn taken(&self, index: usize, asked: &ReleaseArtifact, stands: &ReleaseArtifact) -> Error {
        let message = format!(
            "{} has another artifact for this platform, arch and installer_type; publish other bytes as another version",
            self.release_id
        );
        let error = Error::new(Code::ArtifactExists, message).at(format!("artifacts[{index}]"));
        error.with(json!({ "requested": asked, "existing": stands }))
    }
}
