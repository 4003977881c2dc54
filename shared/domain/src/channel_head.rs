//! The channel head: what decisions have to know of a product's releases on a channel, in one small
//! DynamoDB item, however many releases there are.

mod change;
mod required;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

pub use self::change::PendingHead;
pub use self::required::{MAX_REQUIRED, RequiredRelease, RequiredReleases};
pub use self::target::{Target, TargetReleases};
use crate::metadata::OsRequirement;
use crate::release::{Release, ReleaseArtifact, UpgradePath};
use crate::rollout::Rollout;
use crate::{Channel, Code, Error, Metadata, ProductId, ReleaseId, Result, Version};

/// Size limit of the newest release that a head holds whole, in bytes of JSON. A head of less than
/// 16 KB is read with two units.
pub const MAX_NEWEST_BYTES: usize = 12 << 10;
/// How many of the highest live releases a head summarizes: two that are staged, and the one that
/// everybody gets.
pub const MAX_RECENT: usize = 3;

/// The head of a channel. It holds the newest live release, and where to look for others: each
/// release has a row of its own, sorted by version.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelHead {
    /// Id of the product.
    pub product_id: ProductId,
    /// Name of the channel.
    pub channel: Channel,
    /// Revision number, incremented by every change. Writes are conditional on the revision that
    /// was read.
    pub revision: u64,
    /// Whether the product no longer has the channel: nothing more is published on it. What is live
    /// stays.
    pub closed: bool,
    /// Number of live (published) releases.
    pub live: u64,
    /// The newest live release; `None` if there is none, or if it is larger than
    /// [`MAX_NEWEST_BYTES`].
    pub newest: Option<LiveRelease>,
    /// The highest live releases, highest version first, without a gap: [`MAX_RECENT`] of them, or
    /// all if there are fewer.
    pub recent: Vec<ReleaseSummary>,
    /// What is live for each platform and architecture.
    pub targets: BTreeMap<Target, TargetReleases>,
    /// The live releases that clients may not skip.
    pub required: RequiredReleases,
    /// The highest version that was ever revoked.
    pub highest_revoked: Option<Version>,
    /// The version that was revoked last; `None` if none was since heads keep it.
    pub last_revoked: Option<Version>,
    /// Which live releases the head takes into account.
    pub coverage: HeadCoverage,
}

/// Which live releases a head takes into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadCoverage {
    /// All of them.
    Complete,
    /// All of them, as version 0.1.0 wrote the head: `recent` has them all. The next change brings
    /// it into the form of today.
    Legacy,
    /// Those in `recent`: version 0.1.0 has left out some that are lower. The next change counts
    /// them.
    LegacyTruncated,
}

/// A published release, as a decision needs it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiveRelease {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Version of the release.
    pub version: Version,
    /// Time of publication.
    pub published_at: Option<Timestamp>,
    /// Metadata that the vendor attached.
    pub metadata: Option<Metadata>,
    /// Staged rollout of the release.
    pub rollout: Rollout,
    /// How clients come to the release.
    #[serde(flatten, skip_serializing_if = "UpgradePath::is_unrestricted")]
    pub upgrade_path: UpgradePath,
    /// Artifacts of the release.
    pub artifacts: Vec<ReleaseArtifact>,
}

/// As much of a live release as tells whether it can be offered to a client.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseSummary {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Version of the release.
    pub version: Version,
    /// Staged rollout of the release.
    pub rollout: Rollout,
    /// What its artifacts run on.
    pub targets: BTreeSet<Target>,
    /// The oldest operating systems that it runs on; `None` if it names none.
    pub min_os_version: Option<OsRequirement>,
    /// How clients come to the release.
    pub upgrade_path: UpgradePath,
}

impl From<&Release> for LiveRelease {
    fn from(release: &Release) -> Self {
        Self {
            release_id: release.release_id.clone(),
            version: release.version.clone(),
            published_at: release.published_at,
            metadata: release.metadata.clone(),
            rollout: release.rollout.current,
            upgrade_path: release.upgrade_path.clone(),
            artifacts: release.artifacts.clone(),
        }
    }
}

impl From<&LiveRelease> for ReleaseSummary {
    fn from(release: &LiveRelease) -> Self {
        Self {
            release_id: release.release_id.clone(),
            version: release.version.clone(),
            rollout: release.rollout,
            targets: release.artifacts.iter().map(Target::from).collect(),
            min_os_version: release.metadata.as_ref().and_then(Metadata::min_os_version).cloned(),
            upgrade_path: release.upgrade_path.clone(),
        }
    }
}

impl ChannelHead {
    /// The head of a channel without releases.
    #[must_use]
    pub fn empty(product_id: ProductId, channel: Channel) -> Self {
        Self {
            product_id,
            channel,
            revision: 0,
            closed: false,
            live: 0,
            newest: None,
            recent: Vec::new(),
            targets: BTreeMap::new(),
            required: RequiredReleases::default(),
            highest_revoked: None,
            last_revoked: None,
            coverage: HeadCoverage::Complete,
        }
    }

    /// The head that version 0.1.0 wrote: `live` releases, highest version first, of which it has
    /// left out the lowest if it is `truncated`; and the highest `revoked` versions, highest first.
    #[must_use]
    pub fn from_legacy(
        empty: Self,
        live: Vec<LiveRelease>,
        revoked: Vec<Version>,
        truncated: bool,
    ) -> Self {
        let mut head = Self { highest_revoked: revoked.into_iter().next(), ..empty };
        for release in &live {
            head.count_targets(&ReleaseSummary::from(release));
        }
        head.live = live.len() as u64;
        head.recent = live.iter().map(ReleaseSummary::from).collect();
        head.newest = live.into_iter().next().filter(fits);
        head.coverage =
            if truncated { HeadCoverage::LegacyTruncated } else { HeadCoverage::Legacy };
        head
    }

    /// The same head, at the same revision, before any live release is counted:
    /// [`ChannelHead::count`] adds them.
    #[must_use]
    pub fn before_counting(&self) -> Self {
        Self {
            revision: self.revision,
            closed: self.closed,
            highest_revoked: self.highest_revoked.clone(),
            last_revoked: self.last_revoked.clone(),
            ..Self::empty(self.product_id.clone(), self.channel.clone())
        }
    }

    /// Whether anything was ever published on the channel.
    #[must_use]
    pub fn has_history(&self) -> bool {
        self.live > 0 || self.highest_revoked.is_some()
    }

    /// Whether `recent` has all live releases.
    #[must_use]
    pub fn lists_all(&self) -> bool {
        self.coverage != HeadCoverage::LegacyTruncated && self.live == self.recent.len() as u64
    }

    /// The highest version that is live for a target that `accepts` accepts; `None` if there is
    /// none among those that are taken into account.
    #[must_use]
    pub fn newest_for(&self, accepts: impl Fn(Target) -> bool) -> Option<&Version> {
        self.of_targets(accepts).map(|releases| &releases.newest).max()
    }

    /// The same of releases that are rolled out to all clients.
    #[must_use]
    pub fn newest_rolled_out_for(&self, accepts: impl Fn(Target) -> bool) -> Option<&Version> {
        self.of_targets(accepts).filter_map(|releases| releases.newest_rolled_out.as_ref()).max()
    }

    fn of_targets(
        &self,
        accepts: impl Fn(Target) -> bool,
    ) -> impl Iterator<Item = &TargetReleases> {
        self.targets.iter().filter(move |(target, _)| accepts(**target)).map(|(_, of)| of)
    }

    /// Checks that releases may be published on the channel.
    ///
    /// # Errors
    /// `unknown_channel` for a closed one.
    pub fn require_open(&self) -> Result<()> {
        if !self.closed {
            return Ok(());
        }
        let Self { product_id, channel, .. } = self;
        let message = format!(
            "channel `{channel}` was removed from {product_id}; add it again with product-update to publish on it"
        );
        Err(Error::new(Code::UnknownChannel, message).at("channel"))
    }

    /// The next revision, of a channel that the product no longer has.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.closed = true;
        self.revision += 1;
        self
    }

    /// The next revision, of a channel that the product has again; `None` for an open one.
    #[must_use]
    pub fn reopened(mut self) -> Option<Self> {
        self.revision += 1;
        std::mem::take(&mut self.closed).then_some(self)
    }
}

/// Whether a head may hold the release whole.
fn fits(release: &LiveRelease) -> bool {
    serde_json::to_vec(release).is_ok_and(|json| json.len() <= MAX_NEWEST_BYTES)
}
