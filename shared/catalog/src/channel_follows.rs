//! Which channels follow others, where snapshots find it: beside the product's channels in the
//! release index, so that they need no request more.

use slipway_domain::audit::EventType;
use slipway_domain::product::{ChannelFollows, Product};
use slipway_domain::{ProductId, Result};
use slipway_snapshot::IndexEntry;

use crate::audit::AuditContext;
use crate::schema;
use crate::store::{Row, Transaction};

/// A row of the release index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum IndexRow {
    /// A channel on which something was ever published.
    Channel(IndexEntry),
    /// Which channels of a product follow others.
    Follows(ProductId, ChannelFollows),
}

impl IndexRow {
    /// The channel, if it is one.
    pub(crate) fn into_channel(self) -> Option<IndexEntry> {
        match self {
            Self::Channel(entry) => Some(entry),
            Self::Follows(..) => None,
        }
    }
}

/// Adds to `tx` what makes the index follow a product: `before` is what its channels followed, if
/// it is not new. Its revision guards the row.
pub(crate) fn put_or_delete_follows<T>(
    tx: &mut Transaction<'_, T>,
    before: &ChannelFollows,
    product: &Product,
) -> Result<()> {
    let (id, follows) = (&product.product_id, &product.channel_follows);
    if before == follows {
        return Ok(());
    }
    let key = schema::index_follows(id);
    if follows.is_empty() {
        return tx.delete_if_exists(&key);
    }
    tx.put(Row::new(key, &IndexRow::Follows(id.clone(), follows.clone()))?)
}

/// Adds to `tx` that clients get something else, if channels of `product` follow others than
/// `before`.
pub(crate) fn announce_follows<T>(
    tx: &mut Transaction<'_, T>,
    audit: &AuditContext,
    before: &ChannelFollows,
    product: &Product,
) -> Result<()> {
    let changed = before.first_changed(&product.channel_follows);
    changed.map_or(Ok(()), |channel| {
        audit.announce(tx, EventType::ProductUpdated, &product.product_id, channel)
    })
}
