//! The release index: what snapshots are made from, read a megabyte at a time.

use slipway_domain::channel_head::ChannelHead;
use slipway_domain::tenant::{Entitlement, Tenant};
use slipway_domain::{ProductId, Result};
use slipway_snapshot::{ChannelReleases, IndexEntry};

use crate::schema;
use crate::store::{Consistency, KeyQuery, Reader, decode};

/// Up to this many products are looked up one by one; beyond, the whole index is read and filtered.
const FEW: usize = 20;

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
        let mut entries = Vec::new();
        for listing in listings(entitlement) {
            self.table.each_page(&listing, |page: Vec<IndexEntry>| entries.extend(page)).await?;
        }
        entries.retain(|entry| entitlement.includes(&entry.product_id));
        if history == 0 {
            Ok(entries.into_iter().map(ChannelReleases::from).collect())
        } else {
            self.heads_of(&entries).await
        }
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

fn listings(entitlement: &Entitlement) -> Vec<KeyQuery> {
    match entitlement {
        Entitlement::Only(products) if products.len() <= FEW => {
            products.iter().map(entries_of_product).collect()
        }
        _ => vec![KeyQuery::of_partition(schema::release_index())],
    }
}

/// The entries of a product: one for each channel on which anything was ever published.
pub(crate) fn entries_of_product(product: &ProductId) -> KeyQuery {
    KeyQuery::of_table(schema::release_index(), schema::index_entries_of(product))
}
