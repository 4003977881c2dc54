//! The channel head: the live and revoked releases of a product on a channel, as decisions read
//! them, in one DynamoDB item.

use jiff::Timestamp;
use serde::Serialize;

use crate::release::{Release, ReleaseArtifact};
use crate::rollout::Rollout;
use crate::{Channel, Code, Error, Metadata, ProductId, ReleaseId, Result, Version};

/// Size limit of a head's live releases, in bytes of JSON. A DynamoDB item holds at most 400 KB.
pub const MAX_BYTES: usize = 256 << 10;
/// Limit of revoked versions in a head. The highest versions are kept.
pub const MAX_REVOKED: usize = 500;
/// How many live releases are read to refill a truncated head.
pub const REFILL: usize = 200;

/// The live releases of a product on a channel, highest version first, as many as fit into
/// [`MAX_BYTES`].
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelHead {
    /// Id of the product.
    pub product_id: ProductId,
    /// Name of the channel.
    pub channel: Channel,
    /// Revision number, incremented by every change. Writes are conditional on the revision that
    /// was read.
    pub revision: u64,
    /// Live (published) releases, highest version first.
    pub live: Vec<LiveRelease>,
    /// Revoked versions, highest first.
    pub revoked: Vec<Version>,
    /// Whether live releases below the last one were left out because of [`MAX_BYTES`].
    pub truncated: bool,
    /// Whether the product no longer has the channel: nothing more is published on it. What is live
    /// stays.
    pub closed: bool,
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
    /// Artifacts of the release.
    pub artifacts: Vec<ReleaseArtifact>,
}

impl From<&Release> for LiveRelease {
    fn from(release: &Release) -> Self {
        Self {
            release_id: release.release_id.clone(),
            version: release.version.clone(),
            published_at: release.published_at,
            metadata: release.metadata.clone(),
            rollout: release.rollout,
            artifacts: release.artifacts.clone(),
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
            live: Vec::new(),
            revoked: Vec::new(),
            truncated: false,
            closed: false,
        }
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

    /// The next revision, with `release` added, or replaced if the head has it already.
    ///
    /// A release below the last one of a truncated head is left out: releases between the two may
    /// be missing from the head.
    #[must_use]
    pub fn with(mut self, release: &Release) -> Self {
        let left_out = self.truncated
            && self.live.last().is_some_and(|oldest| release.version < oldest.version);
        if !left_out {
            self.live.retain(|live| live.release_id != release.release_id);
            let place = self.live.partition_point(|live| live.version > release.version);
            self.live.insert(place, LiveRelease::from(release));
        }
        self.next()
    }

    /// The next revision, without `release`, whose version becomes a revoked one.
    ///
    /// `older` are the live releases that a truncated head left out, highest version first and at
    /// most [`REFILL`]; they fill the freed space. `release` may be among them.
    #[must_use]
    pub fn without(mut self, release: &Release, older: Vec<LiveRelease>) -> Self {
        self.live.retain(|live| live.release_id != release.release_id);
        let place = self.revoked.partition_point(|version| *version > release.version);
        self.revoked.insert(place, release.version.clone());
        self.revoked.truncate(MAX_REVOKED);
        // As many as were asked for: there may be more.
        self.truncated = older.len() >= REFILL;
        self.live.extend(older.into_iter().filter(|live| live.release_id != release.release_id));
        self.next()
    }

    fn next(mut self) -> Self {
        self.revision += 1;
        let mut room = MAX_BYTES;
        let fitting = self.live.iter().take_while(|live| take(&mut room, size(live))).count();
        // The newest release is offered whatever its size; its own limits keep it within an item.
        let kept = fitting.max(1);
        self.truncated |= self.live.len() > kept;
        self.live.truncate(kept);
        self
    }
}

fn take(room: &mut usize, bytes: usize) -> bool {
    room.checked_sub(bytes).map(|left| *room = left).is_some()
}

/// The length of its JSON, which stands for what it takes in the head's row.
fn size(live: &LiveRelease) -> usize {
    serde_json::to_vec(live).map_or(usize::MAX, |bytes| bytes.len())
}
