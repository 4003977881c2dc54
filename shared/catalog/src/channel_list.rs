//! The list of channels: of each product those that it has, in pages.

use slipway_domain::channel_overview::ChannelOverview;
use slipway_domain::page::Page;
use slipway_domain::product::{Product, ProductRef};
use slipway_domain::{Channel, ProductId, Result};

use crate::products::by_kind;
use crate::schema::{self, Key, PK, SK};
use crate::store::{Reader, StartKey};

/// The member of a cursor that names the last channel on a page, in the product that the other
/// members name. Without it the product is over.
const CHANNEL: &str = "channel";

/// How many channels each product has at least: the standard ones.
const CHANNELS_OF_A_PRODUCT: usize = 3;

impl Reader {
    /// A page of the channels of `product`, or of all products that the principal may know of, as
    /// [`Reader::list_products`] has them; those of a product by name.
    ///
    /// # Errors
    /// `not_found` for a `product` that the principal may not know of; `invalid_cursor` for a
    /// `start` in a list that is read elsewhere.
    pub async fn list_channels(
        &self,
        product: Option<&ProductId>,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<ChannelOverview, StartKey>> {
        let products = self.products_with_channels(product, limit, start).await?;
        let channels = products.items.iter();
        let channels = channels
            .flat_map(|product| product.channels.iter().map(move |channel| (product, channel)));
        let mut places: Vec<(&Product, &Channel)> = channels.take(limit + 1).collect();
        let is_cut = places.len() > limit;
        places.truncate(limit);
        let cut = places.last().filter(|_| is_cut).map(|last| self.position_of_channel(*last));
        let items = self.load_channel_overviews(&places).await?;
        Ok(Page { items, next: cut.or(products.next) })
    }

    /// Products that have `limit` channels after `start` at least, if there are so many; and only
    /// channels after `start`.
    async fn products_with_channels(
        &self,
        product: Option<&ProductId>,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Product, StartKey>> {
        let mut start = start;
        let begun = start.as_mut().and_then(|start| start.remove(CHANNEL));
        if let Some(id) = product {
            let mut product = self.get_product(&ProductRef::Id(id.clone())).await?;
            leave_out(&mut product, begun.as_deref());
            return Ok(Page { items: vec![product], next: None });
        }
        let mut items = Vec::new();
        if let (Some(channel), Some(start)) = (&begun, &start) {
            let named = |name| start.get(name).cloned().unwrap_or_default();
            let key = Key { pk: named(PK), sk: named(SK) };
            if let Some(mut product) = self.find::<Product>(&key).await?.map(|stored| stored.value)
            {
                leave_out(&mut product, Some(channel));
                items.push(product);
            }
        }
        let others = self.list_products(limit.div_ceil(CHANNELS_OF_A_PRODUCT), start).await?;
        items.extend(others.items);
        Ok(Page { items, next: others.next })
    }

    /// Where a channel is in the list: the position of its product in the list of products, and its
    /// name.
    fn position_of_channel(&self, (product, channel): (&Product, &Channel)) -> StartKey {
        let Key { pk, sk } = schema::product(&product.product_id);
        let mut position = StartKey::from([
            (PK.to_owned(), pk),
            (SK.to_owned(), sk),
            (CHANNEL.to_owned(), channel.to_string()),
        ]);
        if self.principal.products().is_none() {
            let (index, key) = by_kind(product);
            let (pk, sk) = index.keys();
            position.extend([(pk.to_owned(), key.pk), (sk.to_owned(), key.sk)]);
        }
        position
    }
}

/// Leaves out the channels of a product up to `channel`.
fn leave_out(product: &mut Product, channel: Option<&str>) {
    product.channels.retain(|one| channel.is_none_or(|channel| one.as_str() > channel));
}
