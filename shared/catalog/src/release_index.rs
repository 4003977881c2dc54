//! The release index: what snapshots are made from, read a megabyte at a time.

use futures::{StreamExt, TryStreamExt, stream};
use slipway_domain::channel_head::ChannelHead;
use slipway_domain::tenant::{Entitlement, Tenant};
use slipway_domain::{ProductId, Result};
use slipway_snapshot::{ChannelReleases, IndexEntry};

use crate::schema;
use crate::store::{Consistency, KeyQuery, Reader, decode};

/// How many products are asked for at once.
const AT_ONCE: usize = 16;

impl Reader {
    /// The live releases of the products that `tenant` may have: of each channel the newest, and
    /// with a `history` also those before it.
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
        let parts = stream::iter(listings(entitlement)).map(|part| self.index_entries(part));
        let entries: Vec<IndexEntry> = parts.buffered(AT_ONCE).try_concat().await?;
        if history == 0 {
            Ok(entries.into_iter().map(ChannelReleases::from).collect())
        } else {
            self.heads_of(&entries).await
        }
    }

    async fn index_entries(&self, part: KeyQuery) -> Result<Vec<IndexEntry>> {
        let mut entries = Vec::new();
        self.table.each_page(&part, |page: Vec<IndexEntry>| entries.extend(page)).await?;
        Ok(entries)
    }

    async fn heads_of(&self, entries: &[IndexEntry]) -> Result<Vec<ChannelReleases>> {
        let keys =
            entries.iter().map(|entry| schema::head(&entry.product_id, &entry.channel)).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        rows.iter()
            .map(|row| Ok(ChannelReleases::from(decode::<ChannelHead>(row)?.value)))
            .collect()
    }
}

/// The parts of the index that a tenant is entitled to, however many others there are.
fn listings(entitlement: &Entitlement) -> Vec<KeyQuery> {
    match entitlement {
        Entitlement::Only(products) => products.iter().map(entries_of_product).collect(),
        Entitlement::All(_) => vec![KeyQuery::of_partition(schema::release_index())],
    }
}

/// The entries of a product: one for each channel on which anything was ever published.
pub(crate) fn entries_of_product(product: &ProductId) -> KeyQuery {
    KeyQuery::of_table(schema::release_index(), schema::index_entries_of(product))
}
