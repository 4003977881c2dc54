//! Heads of channels. Whatever publishes on a channel writes its head and depends on the head's
//! revision: that is why the head also says whether the channel is closed.

use std::collections::BTreeMap;

use serde_json::json;
use slipway_domain::channel_head::{ChannelHead, LiveRelease, REFILL};
use slipway_domain::product::Product;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Channel, Code, Error, ProductId, Result};
use slipway_snapshot::IndexEntry;

use crate::schema;
use crate::store::{Consistency, Reader, Row, Stored, Transaction, Writer, decode};

/// How many heads one transaction closes or reopens. DynamoDB takes 4 MB in a transaction, and
/// 400 KB in an item.
const MAX_HEADS: usize = 8;

/// A head and the revision of its row; an empty head without one where nothing was released yet.
pub(crate) type SeenHead = (ChannelHead, Option<u64>);

impl Reader {
    /// The head of a channel.
    pub(crate) async fn load_head(
        &self,
        product: &ProductId,
        channel: &Channel,
    ) -> Result<SeenHead> {
        let stored = self.table.get(&schema::head(product, channel)).await?;
        Ok(seen_or_empty(product, channel, stored))
    }

    /// The live releases that a truncated head has no room for, newest first. The head's revision
    /// guards them: they can't change without it.
    pub(crate) async fn left_out(&self, head: &ChannelHead) -> Result<Vec<LiveRelease>> {
        if !head.truncated {
            return Ok(Vec::new());
        }
        let oldest = head.live.last().map(|live| &live.version);
        let left_out = |release: &Release| {
            release.status == ReleaseStatus::Published
                && oldest.is_none_or(|oldest| release.version < *oldest)
        };
        let older = self.first_releases(&head.product_id, &head.channel, left_out, REFILL).await?;
        Ok(older.iter().map(LiveRelease::from).collect())
    }
}

impl Writer {
    /// Adds to `tx` what closes the channels that `after` has no longer, and reopens those that it
    /// has again.
    ///
    /// # Errors
    /// `stale_state` for a removed channel that has live releases; `invalid_field` for more
    /// channels than one transaction takes.
    pub(crate) async fn close_and_reopen_channels<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        before: &Product,
        after: &Product,
    ) -> Result<()> {
        let changed = before.channels.symmetric_difference(&after.channels);
        let mut changed_heads = Vec::new();
        let heads = self.load_heads(&after.product_id, changed).await?;
        require_no_live_releases(&heads, after)?;
        for (head, seen) in heads {
            let has_channel = after.channels.contains(&head.channel);
            let next = if has_channel { head.reopened() } else { Some(head.closed()) };
            changed_heads.extend(next.map(|next| (next, seen)));
        }
        if changed_heads.len() > MAX_HEADS {
            let message = format!(
                "this removes or restores {} channels; change at most {MAX_HEADS} in one request",
                changed_heads.len()
            );
            return Err(Error::invalid("channels", message));
        }
        for (head, seen) in changed_heads {
            tx.put_if_unchanged(head_row(&head)?, seen)?;
        }
        Ok(())
    }

    /// The heads of some channels of a product.
    async fn load_heads<'a>(
        &self,
        product: &ProductId,
        channels: impl Iterator<Item = &'a Channel>,
    ) -> Result<Vec<SeenHead>> {
        let channels: Vec<&Channel> = channels.collect();
        let keys = channels.iter().map(|channel| schema::head(product, channel)).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let stored = rows.iter().map(decode::<ChannelHead>);
        let mut found: BTreeMap<Channel, Stored<ChannelHead>> = stored
            .map(|head| head.map(|head| (head.value.channel.clone(), head)))
            .collect::<Result<_>>()?;
        let heads =
            channels.into_iter().map(|name| seen_or_empty(product, name, found.remove(name)));
        Ok(heads.collect())
    }
}

/// Checks that nothing is live on the channels, of those that have `heads`, that `product` has no
/// longer: clients there would get no update any more, and nobody would be told.
fn require_no_live_releases(heads: &[SeenHead], product: &Product) -> Result<()> {
    let in_use: Vec<&Channel> = heads
        .iter()
        .filter(|(head, _)| !head.live.is_empty() && !product.channels.contains(&head.channel))
        .map(|(head, _)| &head.channel)
        .collect();
    if in_use.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{in_use:?} of {} have live releases; revoke them first, or keep the channels",
        product.product_id
    );
    let error = Error::new(Code::StaleState, message).at("channels");
    Err(error.with(json!({ "channels": in_use })))
}

fn seen_or_empty(
    product: &ProductId,
    channel: &Channel,
    stored: Option<Stored<ChannelHead>>,
) -> SeenHead {
    match stored {
        Some(Stored { value, rev }) => (value, Some(rev)),
        None => (ChannelHead::empty(product.clone(), channel.clone()), None),
    }
}

/// The head, and its entry in the release index. The head's revision guards both.
pub(crate) fn put_head<T>(
    tx: &mut Transaction<'_, T>,
    head: &ChannelHead,
    seen: Option<u64>,
) -> Result<()> {
    tx.put_if_unchanged(head_row(head)?, seen)?;
    let key = schema::index_entry(&head.product_id, &head.channel);
    tx.put(Row::new(key, &IndexEntry::from(head))?.revision(head.revision))
}

fn head_row(head: &ChannelHead) -> Result<Row> {
    Row::new(schema::head(&head.product_id, &head.channel), head)
}
