//! The contents of a snapshot: the newest live releases of the products that a tenant is entitled
//! to.

use std::collections::BTreeSet;

use super::channels::ChannelSet;
use super::manifest::{SnapshotArtifact, SnapshotRelease};
use slipway_domain::channel_head::{ChannelHead, LiveRelease};
use slipway_domain::release::ReleaseArtifact;
use slipway_domain::tenant::Entitlement;
use slipway_domain::{Channel, Metadata, ProductId};

/// Limit of older releases of a product and channel in a snapshot, besides the newest.
pub const MAX_HISTORY: u8 = 50;

/// An entry of the release index: a channel on which something was ever published. All entries
/// share one partition, so that generating a snapshot finds the channels with one query. It is
/// written once: what is live is in the channel's head.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexEntry {
    /// Id of the product.
    pub product_id: ProductId,
    /// Name of the channel.
    pub channel: Channel,
}

impl From<&ChannelHead> for IndexEntry {
    fn from(head: &ChannelHead) -> Self {
        Self { product_id: head.product_id.clone(), channel: head.channel.clone() }
    }
}

/// The live releases of a product on a channel that a snapshot may include, highest version first.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelReleases {
    /// Id of the product.
    pub product_id: ProductId,
    /// Name of the channel.
    pub channel: Channel,
    /// The live releases, highest version first; those that are required, whether or not the ones
    /// above them are there.
    pub releases: Vec<LiveRelease>,
    /// The channels whose clients are offered them as well.
    pub followed_by: BTreeSet<Channel>,
}

/// The contents of a snapshot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contents {
    /// The channels that it covers.
    pub channels: BTreeSet<Channel>,
    /// Its releases, by product, channel and descending version.
    pub releases: Vec<SnapshotRelease>,
}

impl Contents {
    /// The contents for a tenant with `entitlement`: the newest release of each product and channel
    /// in `channels`, up to `history` older ones, and the required ones among the rest: no client may
    /// skip them. `locate` returns the download URL of an
    /// artifact.
    pub fn of(
        channels: impl IntoIterator<Item = ChannelReleases>,
        entitlement: &Entitlement,
        history: u8,
        locate: impl Fn(&ReleaseArtifact) -> String,
    ) -> Self {
        let mut contents = Self::default();
        for entry in channels.into_iter().filter(|entry| entitlement.includes(&entry.product_id)) {
            let ChannelReleases { product_id, channel, releases, followed_by } = entry;
            let is_in = |(place, live): &(usize, LiveRelease)| {
                *place <= usize::from(history) || live.upgrade_path.required
            };
            let included = releases.into_iter().enumerate().filter(is_in);
            let included = included.map(|(_, live)| SnapshotRelease {
                followed_by: followed_by.clone(),
                ..release(live, product_id.clone(), channel.clone(), &locate)
            });
            contents.releases.extend(included);
            contents.channels.insert(channel);
        }
        contents.releases.sort_by(|a, b| {
            (&a.product_id, &a.channel, &b.version).cmp(&(&b.product_id, &b.channel, &a.version))
        });
        contents
    }

    /// The part of the contents that belongs to `channels`. Of a channel whose required releases are
    /// not in it nothing is offered, so that nobody skips them: it follows no other.
    #[must_use]
    pub fn within(self, channels: &ChannelSet) -> Self {
        match channels {
            ChannelSet::All => self,
            ChannelSet::Only(names) => Self {
                releases: self
                    .releases
                    .into_iter()
                    .filter(|release| names.contains(&release.channel))
                    .map(|mut release| {
                        release.followed_by.retain(|follower| names.contains(follower));
                        release
                    })
                    .collect(),
                channels: names.clone(),
            },
        }
    }

    /// The first of `channels` that is neither a standard channel nor one with releases of the
    /// tenant's products: probably misspelt.
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
        metadata: live.metadata.as_ref().and_then(Metadata::signable),
        rollout: live.rollout.into(),
        required: live.upgrade_path.required,
        min_current_version: live.upgrade_path.min_current_version,
        followed_by: BTreeSet::new(),
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
        facts: artifact.into(),
        verified: artifact.verified,
        download_url: locate(artifact),
    }
}
