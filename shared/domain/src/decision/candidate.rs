//! Whether a release can be offered to a client, and why not.

use super::{DecisionReason, UpdateCheck};
use crate::channel_head::{ReleaseSummary, Target};
use crate::metadata::OsRequirement;
use crate::policy::Policy;
use crate::release::{Release, ReleaseStatus};
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
}

impl UpdateCheck {
    /// Whether `release` is live and may be offered to this client.
    #[must_use]
    pub fn may_be_offered(&self, release: &Release, policy: &Policy) -> bool {
        let Release { version, release_id, rollout, artifacts, metadata, .. } = release;
        let targets = artifacts.iter().map(Target::from);
        let min_os_version = metadata.as_ref().and_then(Metadata::min_os_version);
        let rollout = *rollout;
        let candidate = Candidate { version, release_id, rollout, targets, min_os_version };
        release.status == ReleaseStatus::Published && self.obstacle(candidate, policy).is_none()
    }

    /// Why a live release can't be offered to this client; `None` if it can.
    pub(super) fn obstacle(
        &self,
        release: Candidate<'_, impl Iterator<Item = Target>>,
        policy: &Policy,
    ) -> Option<DecisionReason> {
        let Candidate { version, release_id, rollout, mut targets, min_os_version } = release;
        if !policy.allows(version) {
            Some(DecisionReason::BlockedByPolicy)
        } else if !targets.any(|target| self.fits(target)) {
            Some(DecisionReason::NoMatchingArtifact)
        } else if !self.runs_on_os_since(min_os_version) {
            Some(DecisionReason::OsTooOld)
        } else if !rollout.includes(release_id, self.asked.client_id.as_deref()) {
            Some(DecisionReason::HeldBack)
        } else {
            None
        }
    }

    /// Whether what runs on `target` runs on the client's platform and architecture, as far as the
    /// client named them.
    pub(super) fn fits(&self, target: Target) -> bool {
        self.platform.is_ok_and(|named| named.is_none_or(|it| it == target.platform))
            && self.arch.is_ok_and(|named| named.is_none_or(|it| target.arch.runs_on(it)))
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
        let ReleaseSummary { version, release_id, rollout, targets, min_os_version, .. } = summary;
        Self {
            version,
            release_id,
            rollout: *rollout,
            targets: targets.iter().copied(),
            min_os_version: min_os_version.as_ref(),
        }
    }
}
