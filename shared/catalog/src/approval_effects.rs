//! What a change that waits for sign-off would do to clients, were it made now: for its approvers.
//! Nothing is written.

use std::collections::BTreeSet;

use jiff::ToSpan;
use slipway_domain::adoption::{AdoptionDay, AdoptionKey, DailyAdoption};
use slipway_domain::approval::{
    Approval, ApprovalEffect, EffectSample, GatedOperation, MAX_SAMPLED_CHANNELS, RolloutPart,
    SampledChannel, live_versions,
};
use slipway_domain::channel_head::{ChannelHead, Target};
use slipway_domain::decision::UpdateCheck;
use slipway_domain::product::{Product, ProductRef};
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{ApprovalId, Channel, Code, Error, ProductId, ReleaseId, Result, Timestamp};

use crate::decision_cache::CachedRow;
use crate::decisions::{DecisionReader, FactKey};
use crate::proposed_changes::{DecisionSimulator, Preview, SimulationSides};
use crate::schema;
use crate::store::{Consistency, Reader, Stored, decode};

/// How many days' counts tell which versions are in the field, today included.
const COUNTED_DAYS: i64 = 7;

/// A change that was asked for, as it would be made now.
struct ApprovedChange {
    preview: Preview,
    /// The channels whose clients it concerns, the first one first; none if it concerns nobody.
    channels: Vec<Channel>,
    /// The product before and after it.
    products: [Product; 2],
    parts: Vec<RolloutPart>,
}

impl DecisionSimulator {
    /// What the change of an approval would do to clients at `now`.
    ///
    /// # Errors
    /// `not_found`; `stale_state` where the change can't be made by this approval any more, because
    /// it was used or rejected or has expired, or what it is about has changed.
    pub async fn approval_effect(&self, id: &ApprovalId, now: Timestamp) -> Result<ApprovalEffect> {
        let approval = self.reader.get_approval(id, now).await?;
        approval.require_open()?;
        let change = self.reader.approved_change(&approval, now).await?;
        if change.channels.is_empty() {
            return Ok(ApprovalEffect::new(&approval, None));
        }
        let ApprovedChange { preview, channels, products, parts } = change;
        let sides = self.sides_of(preview);
        let sample = self.sample(channels, &products, &sides, now).await?;
        let mut effect = ApprovalEffect::new(&approval, Some(sample.clone()));
        let clients = sample.clients(&parts);
        let checks: Vec<UpdateCheck> =
            clients.iter().map(|client| client.check(&approval.product_id)).collect();
        let mut clients = clients.iter();
        let take = |_: &UpdateCheck, told: [&_; 2]| {
            clients.next().into_iter().for_each(|client| effect.add(client, told));
        };
        sides.decide(&checks, now, take).await?;
        Ok(effect)
    }

    /// The clients of `channels`: the versions that are live there or were counted, on the machines
    /// for which something is live there before or after the change.
    async fn sample(
        &self,
        channels: Vec<Channel>,
        products: &[Product; 2],
        sides: &SimulationSides,
        now: Timestamp,
    ) -> Result<EffectSample> {
        let [before, after] = products;
        let left_out = channels.len().saturating_sub(MAX_SAMPLED_CHANNELS);
        let days = self.reader.counted_days(&before.product_id, &channels, now).await?;
        let (mut sampled, mut targets) = (Vec::new(), BTreeSet::new());
        for channel in channels.into_iter().take(MAX_SAMPLED_CHANNELS) {
            let offered = before.offered_channels(&channel).chain(after.offered_channels(&channel));
            let offered: BTreeSet<&Channel> = offered.collect();
            let had = sides.before.heads(&before.product_id, &offered, now).await?;
            let has = sides.after.heads(&before.product_id, &offered, now).await?;
            targets.extend(had.iter().chain(&has).flat_map(targets_of));
            sampled.push(SampledChannel::new(channel, &live_versions(&had), &days));
        }
        Ok(EffectSample::new((sampled, left_out), &targets))
    }
}

fn targets_of(head: &ChannelHead) -> impl Iterator<Item = Target> {
    let recent = head.recent.iter().flat_map(|release| release.targets.iter().copied());
    head.targets.keys().copied().chain(recent)
}

impl DecisionReader {
    /// The heads of some channels on which something was ever published.
    async fn heads(
        &self,
        product: &ProductId,
        channels: &BTreeSet<&Channel>,
        now: Timestamp,
    ) -> Result<Vec<ChannelHead>> {
        let key = |channel: &&Channel| FactKey::ChannelHead(product.clone(), (*channel).clone());
        let rows = self.get(now, channels.iter().map(key).collect()).await?;
        let head = |row| match row {
            CachedRow::ChannelHead(head) => head.map(|head| ChannelHead::clone(&head)),
            _ => None,
        };
        Ok(rows.into_values().filter_map(head).collect())
    }
}

impl Reader {
    /// The change that `approval` is about, as it would be made at `now`.
    async fn approved_change(&self, approval: &Approval, now: Timestamp) -> Result<ApprovedChange> {
        let product = self.get_product(&ProductRef::Id(approval.product_id.clone())).await?;
        match (approval.operation, &approval.release_id) {
            (GatedOperation::ProductUpdate, _) => approved_product(approval, product, now),
            (GatedOperation::ReleaseCreate | GatedOperation::ReleasePromote, source) => {
                self.approved_creation(approval, product, source.as_ref(), now).await
            }
            (_, changed) => {
                let changed = changed.as_ref();
                let id = changed.ok_or_else(|| Error::internal("a change of no release"))?;
                let before = self.unrevoked(id).await?;
                let after = approval.release_after(Some(&before), now)?;
                self.approved_release(product, Some(&before), after).await
            }
        }
    }

    async fn approved_creation(
        &self,
        approval: &Approval,
        product: Product,
        source: Option<&ReleaseId>,
        now: Timestamp,
    ) -> Result<ApprovedChange> {
        if let Some(source) = source {
            self.unrevoked(source).await?;
        }
        let after = approval.release_after(None, now)?;
        let place = schema::release(&after.product_id, &after.channel, &after.version);
        let existing: Option<Stored<Release>> = self.table.get(&place).await?;
        if let Some(Stored { value, .. }) = existing {
            let Release { release_id, version, channel, .. } = value;
            let message = format!("{version} is on {channel} already, as {release_id}");
            return Err(Error::new(Code::StaleState, message));
        }
        let added = product.clone().with_channel(now, &after.channel)?;
        let mut change = self.approved_release(product.clone(), None, after).await?;
        if let Some(added) = added {
            change.preview.before.set_product(product);
            change.preview.after.set_product(added);
        }
        Ok(change)
    }

    /// The change by which `before` becomes `after`, or by which that is made: it concerns the
    /// clients of its channel, and of those that follow it.
    async fn approved_release(
        &self,
        product: Product,
        before: Option<&Release>,
        after: Release,
    ) -> Result<ApprovedChange> {
        let live = before.filter(|before| before.status == ReleaseStatus::Published);
        let had = live.map_or(0, |live| live.rollout.current.reach());
        let parts = RolloutPart::of(&after.release_id, had, after.rollout.current.reach());
        let followers = product.channel_follows.followers_of(&after.channel);
        let channels = std::iter::once(after.channel.clone()).chain(followers).collect();
        let mut preview = Preview::default();
        self.preview_release(&mut preview, before, after).await?;
        Ok(ApprovedChange { preview, channels, products: [product.clone(), product], parts })
    }

    /// A release that was neither revoked nor deleted.
    async fn unrevoked(&self, id: &ReleaseId) -> Result<Release> {
        let gone = |what: &str| {
            let message = format!("{id} {what}, so that the change can't be made any more");
            Error::new(Code::StaleState, message)
        };
        match self.get_release(id).await {
            Err(error) if error.code() == Code::NotFound => Err(gone("was deleted")),
            Ok(release) if release.status == ReleaseStatus::Revoked => Err(gone("was revoked")),
            outcome => outcome,
        }
    }

    /// Which versions clients of some channels had in the last days, with one request.
    async fn counted_days(
        &self,
        product: &ProductId,
        channels: &[Channel],
        now: Timestamp,
    ) -> Result<Vec<AdoptionDay>> {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let date = |days: i64| today.checked_sub(days.days()).map_err(Error::internal);
        let mut keys = Vec::new();
        for channel in channels.iter().take(MAX_SAMPLED_CHANNELS) {
            for days in 0..COUNTED_DAYS {
                let (product_id, channel) = (product.clone(), channel.clone());
                let key = AdoptionKey { product_id, date: date(days)?, channel };
                keys.push(schema::adoption(&key));
            }
        }
        let rows = self.table.batch_get(keys, Consistency::Eventual).await?;
        let days = rows.iter().map(decode::<DailyAdoption>);
        days.map(|day| day.map(|day| AdoptionDay::new(day.value, now))).collect()
    }
}

/// The change of the product: it concerns the channels that follow others than before, and all
/// where it has others or emulates otherwise. A product that decides as it did before concerns
/// nobody.
fn approved_product(
    approval: &Approval,
    before: Product,
    now: Timestamp,
) -> Result<ApprovedChange> {
    let after = approval.product_after(&before, now)?;
    let follows = |product: &Product, channel: &Channel| -> BTreeSet<Channel> {
        product.channel_follows.of(channel).cloned().collect()
    };
    let all: BTreeSet<&Channel> = before.channels.union(&after.channels).collect();
    let concerns_all =
        (before.allow_emulation, &before.channels) != (after.allow_emulation, &after.channels);
    let is_other =
        |channel: &&Channel| concerns_all || follows(&before, channel) != follows(&after, channel);
    let mut channels: Vec<Channel> = all.iter().copied().filter(is_other).cloned().collect();
    channels.sort_by_key(|channel| *channel != approval.channel);
    let mut preview = Preview::default();
    preview.before.set_product(before.clone());
    preview.after.set_product(after.clone());
    let stand_in = "rel_none".parse::<ReleaseId>().map_err(Error::internal)?;
    let parts = RolloutPart::of(&stand_in, 0, 0);
    Ok(ApprovedChange { preview, channels, products: [before, after], parts })
}
