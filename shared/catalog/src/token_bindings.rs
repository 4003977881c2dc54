//! What tokens are bound to.

use slipway_domain::product::Product;
use slipway_domain::token::Token;
use slipway_domain::{ProductId, Result};

use crate::schema::{self, EntityKind, Index, Key};
use crate::store::{Consistency, KeyQuery, Reader, decode};

impl Reader {
    /// Checks that there are the tenant, products and channels that `token` is bound to: of each
    /// channel one product at least that the token is for. Products are never deleted; a channel that
    /// is removed later leaves the token without anything to do there.
    ///
    /// Where the token is bound to channels and not to products, these are found in an index that
    /// lags by some milliseconds.
    ///
    /// # Errors
    /// `not_found` for the tenant; `unknown_product`; `unknown_channel`.
    pub async fn require_bindings(&self, token: &Token) -> Result<()> {
        if let Some(tenant) = &token.tenant_id {
            self.get_tenant(tenant).await?;
        }
        let mut channels = token.own_channels();
        if let Some(ids) = &token.product_ids {
            let products = self.load_products(ids.iter()).await?;
            token.require_products(&products)?;
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
