//! Whether a release can be offered to a client, and why not.

use super::{DecisionInputs, DecisionReason, OlderRelease, UpdateCheck};
use crate::channel_head::{ReleaseSummary, Target};
use crate::metadata::OsRequirement;
use crate::release::{Release, ReleaseArtifact, ReleaseStatus, UpgradePath};
use crate::rollout::Rollout;
use crate::{Metadata, ReleaseId, Version};

/// What tells whether a release can be offered to a client.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a, T> {
    version: &'a Version,
    release_id: &'a ReleaseId,
    rollout: Rollout,
    targets: T,
    min_os_version: Option<&'a OsRequirement>,
    upgrade_path: &'a UpgradePath,
}

impl UpdateCheck {
    /// Whether `release`, which was looked up, is live and may be offered to this client.
    #[must_use]
    pub fn may_be_offered(&self, release: &Release, known: DecisionInputs<'_>) -> bool {
        known.note_older(|| OlderRelease {
            channel: release.channel.clone(),
            version: release.version.clone(),
            reason: self.obstacle(release.into(), known),
        });
        self.is_offerable(release, known)
    }

    /// The same of a release that was looked up before.
    pub(super) fn is_offerable(&self, release: &Release, known: DecisionInputs<'_>) -> bool {
        release.status == ReleaseStatus::Published && self.obstacle(release.into(), known).is_none()
    }

    /// Why a live release can't be offered to this client; `None` if it can.
    pub(super) fn obstacle(
        &self,
        release: Candidate<'_, impl Iterator<Item = Target>>,
        known: DecisionInputs<'_>,
    ) -> Option<DecisionReason> {
        let Candidate { version, release_id, rollout, mut targets, min_os_version, upgrade_path } =
            release;
        if !known.policy.allows(version) {
            Some(DecisionReason::BlockedByPolicy)
        } else if !targets.any(|target| self.runs(target, known.product)) {
            Some(DecisionReason::NoMatchingArtifact)
        } else if !self.runs_on_os_since(min_os_version) {
            Some(DecisionReason::OsTooOld)
        } else if !self.current.as_ref().is_none_or(|current| upgrade_path.admits(current)) {
            Some(DecisionReason::CurrentVersionTooOld)
        } else if !rollout.includes(release_id, self.asked.client_id.as_deref()) {
            Some(DecisionReason::HeldBack)
        } else {
            None
        }
    }

    /// Whether the client's operating system is new enough for a release that runs since
    /// `minimum`, as far as both say.
    fn runs_on_os_since(&self, minimum: Option<&OsRequirement>) -> bool {
        let Ok(Some(os)) = self.os else { return true };
        minimum.is_none_or(|minimum| minimum.is_met_by(os))
    }
}

impl<'a> From<&'a ReleaseSummary>
    for Candidate<'a, std::iter::Copied<std::collections::btree_set::Iter<'a, Target>>>
{
    fn from(summary: &'a ReleaseSummary) -> Self {
        let ReleaseSummary { version, release_id, rollout, targets, min_os_version, upgrade_path } =
            summary;
        Self {
            version,
            release_id,
            rollout: *rollout,
            targets: targets.iter().copied(),
            min_os_version: min_os_version.as_ref(),
            upgrade_path,
        }
    }
}

/// The targets of a release's artifacts.
type ArtifactTargets<'a> =
    std::iter::Map<std::slice::Iter<'a, ReleaseArtifact>, fn(&'a ReleaseArtifact) -> Target>;

impl<'a> From<&'a Release> for Candidate<'a, ArtifactTargets<'a>> {
    fn from(release: &'a Release) -> Self {
        let Release { version, release_id, rollout, artifacts, metadata, upgrade_path, .. } =
            release;
        Self {
            version,
            release_id,
            rollout: rollout.current,
            targets: artifacts.iter().map(Target::from),
            min_os_version: metadata.as_ref().and_then(Metadata::min_os_version),
            upgrade_path,
        }
    }
}
