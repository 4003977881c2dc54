//! The release index: the channels that snapshots are made from, read a megabyte at a time.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use slipway_domain::channel_head::{ChannelHead, LiveRelease};
use slipway_domain::tenant::{Entitlement, Tenant};
use slipway_domain::{ProductId, Result};
use slipway_snapshot::{ChannelReleases, IndexEntry};

use crate::channel_follows::IndexRow;
use crate::schema;
use crate::store::{Consistency, KeyQuery, Reader, decode};

/// How many heads are read with one request.
const HEADS: usize = 100;
/// How many products or channels are asked at a time.
const AT_ONCE: usize = 16;

impl Reader {
    /// The live releases of the products that `tenant` may have: of each channel the newest, with a
    /// `history` also those before it, and the required ones, which clients may not skip.
    ///
    /// Reads are consistent: what was published or revoked before this is asked shows.
    ///
    /// # Errors
    /// `not_found` for a tenant that the principal may not know of.
    pub async fn list_channel_releases(
        &self,
        tenant: &Tenant,
        history: u8,
    ) -> Result<Vec<ChannelReleases>> {
        self.principal.require_tenant(&tenant.tenant_id)?;
        let entitlement = &tenant.products;
        let parts = stream::iter(listings(entitlement)).map(|part| self.index_rows(part));
        let rows: Vec<IndexRow> = parts.buffered(AT_ONCE).try_concat().await?;
        let (mut entries, mut follows) = (Vec::with_capacity(rows.len()), BTreeMap::new());
        for row in rows {
            match row {
                IndexRow::Channel(entry) => entries.push(entry),
                IndexRow::Follows(product, channels) => drop(follows.insert(product, channels)),
            }
        }
        let mut found = Vec::with_capacity(entries.len());
        // The heads of a batch are in memory at once, not those of the whole catalog.
        for some in entries.chunks(HEADS) {
            found.extend(self.releases_of(some, usize::from(history) + 1).await?);
        }
        for channel in &mut found {
            let follows = follows.get(&channel.product_id);
            let followers = follows.map(|follows| follows.followers_of(&channel.channel));
            channel.followed_by = followers.unwrap_or_default();
        }
        Ok(found)
    }

    async fn index_rows(&self, part: KeyQuery) -> Result<Vec<IndexRow>> {
        let mut rows = Vec::new();
        self.table.each_page(&part, |page: Vec<IndexRow>| rows.extend(page)).await?;
        Ok(rows)
    }

    /// The first `count` live releases of each channel.
    async fn releases_of(
        &self,
        entries: &[IndexEntry],
        count: usize,
    ) -> Result<Vec<ChannelReleases>> {
        let keys =
            entries.iter().map(|entry| schema::head(&entry.product_id, &entry.channel)).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let heads = rows.iter().map(|row| Ok(decode::<ChannelHead>(row)?.value));
        let heads: Vec<ChannelHead> = heads.collect::<Result<_>>()?;
        let channels = heads.into_iter().map(|head| self.releases_of_channel(head, count));
        stream::iter(channels).buffered(AT_ONCE).try_collect().await
    }

    async fn releases_of_channel(
        &self,
        head: ChannelHead,
        count: usize,
    ) -> Result<ChannelReleases> {
        let (product_id, channel) = (head.product_id.clone(), head.channel.clone());
        let has_required = head.required.live > 0;
        let mut releases = match first_of(head, count) {
            Some(releases) => releases,
            None => self.table.first_live_releases(&product_id, &channel, count).await?,
        };
        if has_required {
            let below = releases.last().map(|lowest| &lowest.version);
            releases.extend(self.list_required_releases(&product_id, &channel, below).await?);
        }
        Ok(ChannelReleases { product_id, channel, releases, followed_by: BTreeSet::new() })
    }
}

/// The first `count` live releases of a channel, if its head has them.
fn first_of(head: ChannelHead, count: usize) -> Option<Vec<LiveRelease>> {
    let all = if head.lists_all() { head.recent.len() } else { usize::MAX };
    let releases: Vec<LiveRelease> = head.newest.into_iter().collect();
    (releases.len() == count.min(all)).then_some(releases)
}

/// The parts of the index that a tenant is entitled to, however many others there are.
fn listings(entitlement: &Entitlement) -> Vec<KeyQuery> {
    match entitlement {
        Entitlement::Only(products) => products.iter().map(entries_of_product).collect(),
        Entitlement::All(_) => vec![KeyQuery::of_partition(schema::release_index())],
    }
}

/// The entries of a product: one for each channel on which anything was ever published, and one
/// where channels follow others.
pub(crate) fn entries_of_product(product: &ProductId) -> KeyQuery {
    KeyQuery::of_table(schema::release_index(), schema::index_entries_of(product))
}
