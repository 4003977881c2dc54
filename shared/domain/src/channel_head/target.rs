//! Targets: what an artifact runs on, and what is live for each.

use crate::Version;
use crate::platform::{Arch, Platform};
use crate::release::ReleaseArtifact;

/// What an artifact runs on: a platform and an architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Operating system.
    pub platform: Platform,
    /// Processor architecture.
    pub arch: Arch,
}

/// The live releases of a channel that have an artifact for a target; at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetReleases {
    /// How many there are.
    pub live: u64,
    /// The highest version.
    pub newest: Version,
    /// How many are rolled out to all clients.
    pub rolled_out: u64,
    /// The highest version that is rolled out to all clients; `None` if there is none.
    pub newest_rolled_out: Option<Version>,
}

impl From<&ReleaseArtifact> for Target {
    fn from(artifact: &ReleaseArtifact) -> Self {
        Self { platform: artifact.platform, arch: artifact.arch }
    }
}

impl TargetReleases {
    /// Of a target for which nothing is live but `version`, which is not rolled out.
    pub(super) fn first(version: Version) -> Self {
        Self { live: 0, newest: version, rolled_out: 0, newest_rolled_out: None }
    }

    /// Counts one that is live.
    pub(super) fn count_live(&mut self, version: &Version) {
        self.live += 1;
        if *version > self.newest {
            self.newest = version.clone();
        }
    }

    /// Counts one that is rolled out to all clients.
    pub(super) fn count_rolled_out(&mut self, version: &Version) {
        self.rolled_out += 1;
        if self.newest_rolled_out.as_ref().is_none_or(|newest| version > newest) {
            self.newest_rolled_out = Some(version.clone());
        }
    }
}
