//! Lists of releases: which partitions they are read from, and in which order.

use slipway_domain::page::Page;
use slipway_domain::release::Release;
use slipway_domain::{Channel, ProductId, Result, Version};

use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, StartKey};

impl Reader {
    /// A page of the releases of a product, on one channel or on all, newest version first.
    ///
    /// # Errors
    /// `not_found` for a product that the principal may not know of.
    pub async fn list_product_releases(
        &self,
        product: &ProductId,
        channel: Option<&Channel>,
        keep: impl Fn(&Release) -> bool,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Release, StartKey>> {
        self.principal.require_visible(product)?;
        self.list(&[of_product(product, channel)], limit, start, keep).await
    }

    /// A page of the releases of one version of a product: as many as it is on channels.
    ///
    /// # Errors
    /// `not_found` for a product that the principal may not know of.
    pub async fn list_releases_of_version(
        &self,
        product: &ProductId,
        version: &Version,
        keep: impl Fn(&Release) -> bool,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Release, StartKey>> {
        self.principal.require_visible(product)?;
        let version = schema::releases_of_version(version);
        let listing = KeyQuery::of_index_with_prefix(
            Index::ByRelation,
            schema::releases_of(product),
            version,
        );
        self.list(&[listing], limit, start, keep).await
    }

    /// A page of the releases that the principal may know of, on one channel or on all. Where it is
    /// bound to products: those of one product after the other, by id, each newest version first;
    /// else of all products, newest first.
    pub async fn list_releases(
        &self,
        channel: Option<&Channel>,
        keep: impl Fn(&Release) -> bool,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Release, StartKey>> {
        let partitions = match self.principal.products() {
            Some(products) => products.iter().map(|id| of_product(id, channel)).collect(),
            None => {
                vec![KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Release))]
            }
        };
        let keep = |release: &Release| {
            channel.is_none_or(|channel| release.channel == *channel) && keep(release)
        };
        self.list(&partitions, limit, start, keep).await
    }
}

/// The releases of a product, on one channel or on all, newest version first.
fn of_product(product: &ProductId, channel: Option<&Channel>) -> KeyQuery {
    match channel {
        Some(channel) => {
            KeyQuery::of_table(schema::product(product).pk, schema::releases_on(channel))
        }
        None => KeyQuery::of_index(Index::ByRelation, schema::releases_of(product)),
    }
}
