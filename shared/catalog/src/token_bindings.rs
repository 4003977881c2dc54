//! What tokens are bound to.

use slipway_domain::product::Product;
use slipway_domain::token::Bindings;
use slipway_domain::{ProductId, Result};

use crate::schema::{self, EntityKind, Index, Key};
use crate::store::{Consistency, KeyQuery, Reader, decode};

impl Reader {
    /// Checks that there are the tenant, products and channels of `bindings`: of each
    /// channel one product at least that they are for. Products are never deleted; a channel that
    /// is removed later leaves whoever is bound to it without anything to do there.
    ///
    /// Where there are channels and no products, these are found in an index that
    /// lags by some milliseconds.
    ///
    /// # Errors
    /// `not_found` for the tenant; `unknown_product`; `unknown_channel`.
    pub async fn require_bindings(&self, bindings: &Bindings<'_>) -> Result<()> {
        if let Some(tenant) = bindings.tenant_id {
            self.get_tenant(tenant).await?;
        }
        let mut channels = bindings.own_channels();
        if let Some(ids) = bindings.product_ids {
            let products = self.load_products(ids.iter()).await?;
            bindings.require_products(&products)?;
            for product in &products {
                channels.remove_those_of(product);
            }
        } else if !channels.is_empty() {
            let all =
                KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Product));
            let see = |page: Vec<Product>| {
                for product in &page {
                    channels.remove_those_of(product);
                }
            };
            self.table.each_page(&all, see).await?;
        }
        channels.require_none()
    }

    /// The products with these ids, as they are now; those that there are not are left out.
    async fn load_products(&self, ids: impl Iterator<Item = &ProductId>) -> Result<Vec<Product>> {
        let keys: Vec<Key> = ids.map(schema::product).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }
}
