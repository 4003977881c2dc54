//! What goes into a snapshot: the newest live releases of what a tenant may have.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::channels::ChannelSet;
use super::manifest::{SnapshotArtifact, SnapshotRelease};
use slipway_domain::channel_head::{ChannelHead, LiveRelease};
use slipway_domain::release::ReleaseArtifact;
use slipway_domain::tenant::Entitlement;
use slipway_domain::{Channel, ProductId};

/// The most older releases that a snapshot has of a product and channel, beside the newest.
pub const MAX_HISTORY: u8 = 50;

/// What the release index knows of a channel: its newest live release. All entries together are
/// what a snapshot is made from, so that they lie in one partition and take one page a megabyte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// The product.
    pub product_id: ProductId,
    /// The channel.
    pub channel: Channel,
    /// Its newest live release; none, where all were revoked.
    pub newest: Option<LiveRelease>,
}

impl From<&ChannelHead> for IndexEntry {
    fn from(head: &ChannelHead) -> Self {
        Self {
            product_id: head.product_id.clone(),
            channel: head.channel.clone(),
            newest: head.live.first().cloned(),
        }
    }
}

/// The live releases of a product on a channel that a snapshot may take, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelReleases {
    /// The product.
    pub product_id: ProductId,
    /// The channel.
    pub channel: Channel,
    /// Its live releases.
    pub releases: Vec<LiveRelease>,
}

impl From<IndexEntry> for ChannelReleases {
    fn from(entry: IndexEntry) -> Self {
        Self {
            product_id: entry.product_id,
            channel: entry.channel,
            releases: entry.newest.into_iter().collect(),
        }
    }
}

impl From<ChannelHead> for ChannelReleases {
    fn from(head: ChannelHead) -> Self {
        Self { product_id: head.product_id, channel: head.channel, releases: head.live }
    }
}

/// What a snapshot contains.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// The channels that it covers.
    pub channels: BTreeSet<Channel>,
    /// Its releases, by product, channel and falling version.
    pub releases: Vec<SnapshotRelease>,
}

impl Contents {
    /// Everything on `shelves` that a tenant with `entitlement` may have: of each shelf the newest
    /// release and up to `history` older ones. `locate` tells where an artifact is served.
    pub fn of(
        shelves: impl IntoIterator<Item = ChannelReleases>,
        entitlement: &Entitlement,
        history: u8,
        locate: impl Fn(&ReleaseArtifact) -> String,
    ) -> Self {
        let mut contents = Self::default();
        for shelf in shelves.into_iter().filter(|shelf| entitlement.includes(&shelf.product_id)) {
            let ChannelReleases { product_id, channel, releases } = shelf;
            let newest = releases.into_iter().take(usize::from(history) + 1);
            contents.releases.extend(
                newest.map(|live| release(live, product_id.clone(), channel.clone(), &locate)),
            );
            contents.channels.insert(channel);
        }
        contents.releases.sort_by(|a, b| {
            (&a.product_id, &a.channel, &b.version).cmp(&(&b.product_id, &b.channel, &a.version))
        });
        contents
    }

    /// The part of it that is in `channels`.
    #[must_use]
    pub fn within(self, channels: &ChannelSet) -> Self {
        match channels {
            ChannelSet::All => self,
            ChannelSet::Only(names) => Self {
                releases: self
                    .releases
                    .into_iter()
                    .filter(|release| names.contains(&release.channel))
                    .collect(),
                channels: names.clone(),
            },
        }
    }

    /// The first of `channels` that is neither a standard one nor one on which the tenant's
    /// products have released anything: it is most likely misspelt.
    #[must_use]
    pub fn unknown<'a>(&self, channels: &'a ChannelSet) -> Option<&'a Channel> {
        let ChannelSet::Only(names) = channels else { return None };
        names
            .iter()
            .find(|name| !self.channels.contains(*name) && !Channel::standard().contains(name))
    }
}

fn release(
    live: LiveRelease,
    product_id: ProductId,
    channel: Channel,
    locate: impl Fn(&ReleaseArtifact) -> String,
) -> SnapshotRelease {
    SnapshotRelease {
        release_id: live.release_id,
        product_id,
        version: live.version,
        channel,
        published_at: live.published_at,
        metadata: live.metadata,
        artifacts: live
            .artifacts
            .into_iter()
            .map(|artifact| self::artifact(&artifact, &locate))
            .collect(),
    }
}

fn artifact(
    artifact: &ReleaseArtifact,
    locate: impl Fn(&ReleaseArtifact) -> String,
) -> SnapshotArtifact {
    SnapshotArtifact {
        artifact_id: artifact.artifact_id.clone(),
        platform: artifact.platform,
        arch: artifact.arch,
        installer_type: artifact.installer_type,
        requires_admin: artifact.requires_admin,
        sha256: artifact.sha256,
        size_bytes: artifact.size_bytes,
        download_url: locate(artifact),
    }
}
