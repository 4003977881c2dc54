//! Channel overviews, made of what is stored of many channels at once. A page takes a request for
//! each hundred heads, releases and changes, and none for each channel.
//!
//! A head is one item, and so what it says is true at one moment: which release is newest, which
//! one all clients get, which one was revoked last. The releases are read after it. Where one of
//! them is no longer what the head says, it has changed in between, and all is read anew.

use std::collections::{BTreeMap, BTreeSet};

use slipway_domain::channel_head::ChannelHead;
use slipway_domain::channel_overview::{
    ChannelOverview, NewestRelease, RevokedRelease, RolledOutRelease,
};
use slipway_domain::product::Product;
use slipway_domain::release::{Release, ReleaseChange, ReleaseStatus};
use slipway_domain::{Channel, Result, Version};

use crate::rows::StoredEntity;
use crate::schema::{self, Key, PK, SK};
use crate::store::retry::retry_contention;
use crate::store::{Consistency, Reader, Stored, decode, text};

/// How many rows one request reads. Each batch is in memory at once, with all artifacts of its
/// releases.
const MAX_BATCH: usize = 100;

/// A product and a channel of it.
type Place<'a> = (&'a Product, &'a Channel);

/// What is stored of the channels of a page.
struct Overviews {
    releases: BTreeMap<Key, Stored<Release>>,
    changes: BTreeMap<Key, ReleaseChange>,
    /// Whether it is told who did what, and what was revoked.
    tells_actors: bool,
}

impl Reader {
    /// The overviews of channels of products that the principal may know of, in their order. Reads
    /// are consistent: what was published or revoked before this is asked shows.
    ///
    /// # Errors
    /// `contention` where changes come in between for eight seconds.
    pub(crate) async fn load_channel_overviews(
        &self,
        places: &[Place<'_>],
    ) -> Result<Vec<ChannelOverview>> {
        retry_contention(|| self.read_channel_overviews(places)).await
    }

    /// The overviews; `None` if a change came in between.
    async fn read_channel_overviews(
        &self,
        places: &[Place<'_>],
    ) -> Result<Option<Vec<ChannelOverview>>> {
        let tells_actors = self.principal.can_see_unreleased();
        let heads = self.heads_of(places).await?;
        let named = heads.iter().flat_map(|head| releases_named_by(head, tells_actors));
        let releases = self.rows_at(named.collect(), without_content).await?;
        let mut overviews = Overviews { releases, changes: BTreeMap::new(), tells_actors };
        if tells_actors {
            let newest = heads.iter().filter_map(|head| overviews.newest(head));
            let changes =
                newest.map(|Stored { value, rev }| schema::release_change(&value.release_id, *rev));
            overviews.changes = self.rows_at(changes.collect(), |change| change.value).await?;
        }
        let of = |(head, place): (ChannelHead, &Place<'_>)| overviews.of(head, place);
        Ok(heads.into_iter().zip(places).map(of).collect())
    }

    /// The heads of channels, in their order; empty ones where nothing was ever published.
    async fn heads_of(&self, places: &[Place<'_>]) -> Result<Vec<ChannelHead>> {
        let key = |(product, channel): &Place<'_>| schema::head(&product.product_id, channel);
        let keys = places.iter().map(key).collect();
        let mut heads = self.rows_at(keys, |head: Stored<ChannelHead>| head.value).await?;
        let head = |place: &Place<'_>| {
            let empty = || ChannelHead::empty(place.0.product_id.clone(), place.1.clone());
            heads.remove(&key(place)).unwrap_or_else(empty)
        };
        Ok(places.iter().map(head).collect())
    }

    /// What `keep` keeps of the rows at `keys` that exist.
    async fn rows_at<T: StoredEntity, U>(
        &self,
        keys: BTreeSet<Key>,
        keep: impl Fn(Stored<T>) -> U,
    ) -> Result<BTreeMap<Key, U>> {
        let keys: Vec<Key> = keys.into_iter().collect();
        let mut found = BTreeMap::new();
        for some in keys.chunks(MAX_BATCH) {
            for row in self.table.batch_get(some.to_vec(), Consistency::Strong).await? {
                let named = |name| text(&row, name).unwrap_or_default().to_owned();
                found.insert(Key { pk: named(PK), sk: named(SK) }, keep(decode(&row)?));
            }
        }
        Ok(found)
    }
}

impl Overviews {
    /// The overview of the channel with this head; `None` if a release has changed since the head
    /// was read.
    fn of(&self, head: ChannelHead, (product, channel): &Place<'_>) -> Option<ChannelOverview> {
        let newest = match newest_version(&head) {
            None => None,
            Some(_) => Some(self.newest_release(self.newest(&head)?)),
        };
        let rolled_out = match rolled_out_version(&head) {
            None => None,
            Some(version) => Some(RolledOutRelease::from(&self.rolled_out(&head, version)?.value)),
        };
        let last_revoked = head.last_revoked.as_ref();
        let last_revoked = last_revoked.and_then(|version| self.release(&head, version));
        Some(ChannelOverview {
            follows: product.channel_follows.of(channel).cloned().collect(),
            live: head.live,
            newest,
            rolled_out,
            last_revoked: last_revoked.and_then(|stored| RevokedRelease::of(&stored.value)),
            product_id: head.product_id,
            channel: head.channel,
        })
    }

    fn newest_release(&self, stored: &Stored<Release>) -> NewestRelease {
        let Stored { value: release, rev } = stored;
        let newest = NewestRelease::from(release);
        if !self.tells_actors {
            return newest;
        }
        let change = self.changes.get(&schema::release_change(&release.release_id, *rev));
        newest.with_actors(release, change.cloned())
    }

    /// The newest release of a channel, if it is still as the head says.
    fn newest(&self, head: &ChannelHead) -> Option<&Stored<Release>> {
        let newest = head.recent.first()?;
        let stored = self.live(head, &newest.version)?;
        (stored.value.rollout.current == newest.rollout).then_some(stored)
    }

    /// The release of this version, if it is still live and rolled out to all clients.
    fn rolled_out(&self, head: &ChannelHead, version: &Version) -> Option<&Stored<Release>> {
        let stored = self.live(head, version)?;
        stored.value.rollout.current.includes_all().then_some(stored)
    }

    fn live(&self, head: &ChannelHead, version: &Version) -> Option<&Stored<Release>> {
        let stored = self.release(head, version)?;
        (stored.value.status == ReleaseStatus::Published).then_some(stored)
    }

    fn release(&self, head: &ChannelHead, version: &Version) -> Option<&Stored<Release>> {
        self.releases.get(&schema::release(&head.product_id, &head.channel, version))
    }
}

/// Where the releases are that the overview of a channel names.
fn releases_named_by(head: &ChannelHead, tells_revoked: bool) -> BTreeSet<Key> {
    let revoked = head.last_revoked.as_ref().filter(|_| tells_revoked);
    let live = newest_version(head).into_iter().chain(rolled_out_version(head));
    let key = |version| schema::release(&head.product_id, &head.channel, version);
    live.chain(revoked).map(key).collect()
}

fn newest_version(head: &ChannelHead) -> Option<&Version> {
    head.recent.first().map(|newest| &newest.version)
}

/// The highest version that all clients get for whose machine it has an artifact.
fn rolled_out_version(head: &ChannelHead) -> Option<&Version> {
    head.newest_rolled_out_for(|_| true)
}

/// A release without what no overview shows, and what takes most of its room.
fn without_content(stored: Stored<Release>) -> Stored<Release> {
    let Stored { value, rev } = stored;
    Stored { value: Release { artifacts: Vec::new(), metadata: None, ..value }, rev }
}
