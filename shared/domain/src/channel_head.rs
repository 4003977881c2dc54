//! The head of a channel: what decisions need to know about it, in one item.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::release::{Metadata, Release, ReleaseArtifact};
use crate::rollout::Rollout;
use crate::{Channel, ProductId, ReleaseId, Version};

/// The most bytes of JSON that the live releases of a head take: a DynamoDB item holds 400 KB in
/// all.
pub const MAX_BYTES: usize = 256 << 10;
/// The most revoked versions that a head remembers; the newest count.
pub const MAX_REVOKED: usize = 500;
/// How many live releases a truncated head is refilled from.
pub const REFILL: usize = 200;

/// The live releases of a product on a channel, newest first, as many as fit [`MAX_BYTES`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelHead {
    /// The product.
    pub product_id: ProductId,
    /// The channel.
    pub channel: Channel,
    /// Rises by one with every change: a writer that saw another revision has to start over.
    pub revision: u64,
    /// Live releases by falling version.
    pub live: Vec<LiveRelease>,
    /// Revoked versions, falling.
    pub revoked: Vec<Version>,
    /// Whether live releases older than the last one were left out for want of room.
    pub truncated: bool,
}

/// What a decision tells about a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveRelease {
    /// Its id.
    pub release_id: ReleaseId,
    /// Its version.
    pub version: Version,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// What its vendor says about it.
    pub metadata: Option<Metadata>,
    /// Whom it is offered to.
    pub rollout: Rollout,
    /// What it consists of.
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
    /// The head of a channel on which nothing was published yet.
    #[must_use]
    pub fn empty(product_id: ProductId, channel: Channel) -> Self {
        Self {
            product_id,
            channel,
            revision: 0,
            live: Vec::new(),
            revoked: Vec::new(),
            truncated: false,
        }
    }

    /// The next revision, with `release` live: added, or in place of what the head knew of it.
    ///
    /// What is older than all that a truncated head has belongs to those that were left out:
    /// between them there may be others.
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

    /// The next revision, without `release`, whose version is revoked.
    ///
    /// `older` are the live releases that a truncated head left out, newest first and at most
    /// [`REFILL`]; they take the room that is freed. `release` may be among them.
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

fn size(live: &LiveRelease) -> usize {
    serde_json::to_vec(live).map_or(usize::MAX, |bytes| bytes.len())
}
