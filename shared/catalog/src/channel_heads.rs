//! Heads of channels. Whatever publishes on a channel writes its head and depends on the head's
//! revision: that is why the head also says whether the channel is closed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use slipway_domain::channel_head::{ChannelHead, HeadCoverage, LiveRelease, PendingHead};
use slipway_domain::product::Product;
use slipway_domain::{Channel, Code, Error, ProductId, Result};
use slipway_snapshot::IndexEntry;

use crate::schema;
use crate::store::{Consistency, Reader, Row, Stored, Transaction, Writer, decode};

/// How many heads one transaction closes or reopens. DynamoDB takes 4 MB in a transaction, and
/// 400 KB in an item.
const MAX_HEADS: usize = 8;

/// A head that is about to change. It takes all live releases into account.
#[derive(Debug)]
pub(crate) struct SeenHead {
    /// The head; an empty one where nothing was ever published.
    pub(crate) head: ChannelHead,
    /// The revision of its row; `None` if there is none yet.
    pub(crate) rev: Option<u64>,
    /// Whether the channel has its entry in the release index, in the form of today.
    is_indexed: bool,
}

impl Reader {
    /// The head of a channel, to be changed.
    pub(crate) async fn load_head(
        &self,
        product: &ProductId,
        channel: &Channel,
    ) -> Result<SeenHead> {
        let stored = self.table.get(&schema::head(product, channel)).await?;
        self.counted(seen_or_empty(product, channel, stored)).await
    }

    /// A head that takes all live releases into account: one that version 0.1.0 wrote has to count
    /// them first. The head's revision guards them: they can't change without it.
    async fn counted(&self, seen: SeenHead) -> Result<SeenHead> {
        if seen.head.coverage == HeadCoverage::Complete {
            return Ok(seen);
        }
        let mut head = seen.head.before_counting();
        let (product, channel) = (&seen.head.product_id, &seen.head.channel);
        let count = |live: LiveRelease| {
            head.count(&live);
            false
        };
        self.table.each_live_release(product, channel, None, count).await?;
        Ok(SeenHead { head, ..seen })
    }

    /// A head out of which a release was taken, with what takes its places.
    pub(crate) async fn completed(&self, mut pending: PendingHead) -> Result<ChannelHead> {
        if !pending.is_complete() {
            let (product, channel) = pending.place();
            let below = schema::release(&product, &channel, pending.below());
            let see = |live: LiveRelease| {
                pending.see(&live);
                pending.is_complete()
            };
            self.table.each_live_release(&product, &channel, Some(below), see).await?;
        }
        Ok(pending.finish())
    }
}

impl Writer {
    /// Adds to `tx` what closes the channels that `after` has no longer, and reopens those that it
    /// has again. The heads of channels whose sign-off it raises are written as they are, at their
    /// next revision: whoever is about to publish there begins anew, and asks for it.
    ///
    /// # Errors
    /// `stale_state` for a removed channel that has live releases; `invalid_field` for more
    /// channels than one transaction takes.
    pub(crate) async fn change_channels<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        before: &Product,
        after: &Product,
    ) -> Result<()> {
        let moved: BTreeSet<Channel> =
            before.channels.symmetric_difference(&after.channels).cloned().collect();
        let raised = before.strengthened_sign_off(after);
        let mut changed_heads = Vec::new();
        let heads = self.load_heads(&after.product_id, moved.union(&raised)).await?;
        let moved_heads = heads.iter().map(|seen| &seen.head);
        require_no_live_releases(moved_heads.filter(|head| moved.contains(&head.channel)), after)?;
        for seen in heads {
            let head = seen.head.clone();
            let (is_moved, is_raised) =
                (moved.contains(&head.channel), raised.contains(&head.channel));
            let same = is_raised.then(|| head.clone());
            let next = match after.channels.contains(&head.channel) {
                true if is_moved => head.reopened().or(same),
                false if is_moved => Some(head.closed()),
                _ => same,
            };
            changed_heads.extend(next.map(|next| (next, seen)));
        }
        if changed_heads.len() > MAX_HEADS {
            let message = format!(
                "this removes, restores or raises the sign-off of {} channels; change at most {MAX_HEADS} in one request",
                changed_heads.len()
            );
            let field = if moved.is_empty() { "channel_sign_off" } else { "channels" };
            return Err(Error::invalid(field, message));
        }
        for (head, seen) in changed_heads {
            put_head(tx, &head, &seen)?;
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
        let mut heads = Vec::with_capacity(channels.len());
        for name in channels {
            let seen = seen_or_empty(product, name, found.remove(name));
            heads.push(self.counted(seen).await?);
        }
        Ok(heads)
    }
}

/// Checks that nothing is live on the channels, of those that have `heads`, that `product` has no
/// longer: clients there would get no update any more, and nobody would be told.
fn require_no_live_releases<'a>(
    heads: impl Iterator<Item = &'a ChannelHead>,
    product: &Product,
) -> Result<()> {
    let in_use: Vec<&Channel> = heads
        .filter(|head| head.live > 0 && !product.channels.contains(&head.channel))
        .map(|head| &head.channel)
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
    let (head, rev) = match stored {
        Some(Stored { value, rev }) => (value, Some(rev)),
        None => (ChannelHead::empty(product.clone(), channel.clone()), None),
    };
    let is_indexed = head.has_history() && head.coverage == HeadCoverage::Complete;
    SeenHead { head, rev, is_indexed }
}

/// Writes the head that follows on `seen`, and once the channel's entry in the release index. The
/// head's revision guards both.
pub(crate) fn put_head<T>(
    tx: &mut Transaction<'_, T>,
    head: &ChannelHead,
    seen: &SeenHead,
) -> Result<()> {
    let row = Row::new(schema::head(&head.product_id, &head.channel), head)?;
    tx.put_if_unchanged(row, seen.rev)?;
    if seen.is_indexed || !head.has_history() {
        return Ok(());
    }
    let key = schema::index_entry(&head.product_id, &head.channel);
    tx.put(Row::new(key, &IndexEntry::from(head))?.revision(head.revision))
}
