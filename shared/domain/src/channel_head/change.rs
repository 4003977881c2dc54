//! How a head changes: what is published is counted in, and where something is taken out, the next
//! lower releases take its places.

use std::collections::BTreeSet;

use super::{ChannelHead, LiveRelease, MAX_RECENT, ReleaseSummary, Target, TargetReleases, fits};
use crate::release::Release;
use crate::{Channel, ProductId, Version};

/// The next revision of a head, out of which a release was taken: until it [is
/// complete](PendingHead::is_complete), it has to [see](PendingHead::see) the live releases below
/// that one, highest version first.
#[derive(Debug)]
#[must_use]
pub struct PendingHead {
    head: ChannelHead,
    below: Version,
    wants_newest: bool,
    wants_newest_of: BTreeSet<Target>,
    wants_rolled_out_of: BTreeSet<Target>,
}

impl ChannelHead {
    /// Takes a live release into account.
    pub fn count(&mut self, release: &LiveRelease) {
        let summary = ReleaseSummary::from(release);
        self.count_targets(&summary);
        if summary.upgrade_path.required {
            self.required.count(&summary);
        }
        let place = self.recent.partition_point(|recent| recent.version > summary.version);
        if place < self.recent.len() || self.lists_all() {
            self.recent.insert(place, summary);
            self.recent.truncate(MAX_RECENT);
        }
        self.live += 1;
        if place == 0 {
            self.newest = Some(release).filter(|release| fits(release)).cloned();
        }
    }

    pub(super) fn count_targets(&mut self, release: &ReleaseSummary) {
        let version = &release.version;
        for target in &release.targets {
            let first = || TargetReleases::first(version.clone());
            let releases = self.targets.entry(*target).or_insert_with(first);
            releases.count_live(version);
            if release.rollout.includes_all() {
                releases.count_rolled_out(version);
            }
        }
    }

    /// The next revision, with a release that was published just now.
    #[must_use]
    pub fn published(mut self, release: &Release) -> Self {
        self.revision += 1;
        self.count(&LiveRelease::from(release));
        self
    }

    /// The next revision, with a live release that had another rollout, other metadata or another
    /// upgrade path `before`.
    pub fn changed(mut self, before: &Release, release: &Release) -> PendingHead {
        let (release, were_all) =
            (LiveRelease::from(release), before.rollout.current.includes_all());
        self.revision += 1;
        let summary = ReleaseSummary::from(&release);
        if let Some(recent) = self.recent.iter_mut().find(|one| one.version == release.version) {
            *recent = summary.clone();
        }
        if self.recent.first().is_some_and(|newest| newest.version == release.version) {
            self.newest = Some(release).filter(fits);
        }
        match (before.upgrade_path.required, summary.upgrade_path.required) {
            (false, true) => self.required.count(&summary),
            (true, false) => self.required.discount(&summary.version),
            _ => {}
        }
        let mut pending = PendingHead::new(self, &summary.version);
        match (were_all, summary.rollout.includes_all()) {
            (false, true) => pending.count_rolled_out(&summary),
            (true, false) => pending.discount_rolled_out(&summary),
            _ => {}
        }
        pending
    }

    /// The next revision, without a release that was revoked.
    pub fn withdrawn(mut self, release: &Release) -> PendingHead {
        let summary = ReleaseSummary::from(&LiveRelease::from(release));
        let version = &summary.version;
        self.revision += 1;
        self.live = self.live.saturating_sub(1);
        if self.highest_revoked.as_ref().is_none_or(|highest| version > highest) {
            self.highest_revoked = Some(version.clone());
        }
        self.last_revoked = Some(version.clone());
        let was_newest = self.recent.first().is_some_and(|newest| newest.version == *version);
        self.recent.retain(|recent| recent.version != *version);
        if was_newest {
            self.newest = None;
        }
        if summary.upgrade_path.required {
            self.required.discount(version);
        }
        let mut pending = PendingHead::new(self, version);
        pending.wants_newest = was_newest && pending.head.live > 0;
        if summary.rollout.includes_all() {
            pending.discount_rolled_out(&summary);
        }
        pending.discount_live(&summary);
        pending
    }
}

impl PendingHead {
    fn new(head: ChannelHead, below: &Version) -> Self {
        let (wants_newest_of, wants_rolled_out_of) = (BTreeSet::new(), BTreeSet::new());
        let below = below.clone();
        Self { head, below, wants_newest: false, wants_newest_of, wants_rolled_out_of }
    }

    fn count_rolled_out(&mut self, release: &ReleaseSummary) {
        for target in &release.targets {
            if let Some(releases) = self.head.targets.get_mut(target) {
                releases.count_rolled_out(&release.version);
            }
        }
    }

    fn discount_rolled_out(&mut self, release: &ReleaseSummary) {
        for target in &release.targets {
            let Some(releases) = self.head.targets.get_mut(target) else { continue };
            releases.rolled_out = releases.rolled_out.saturating_sub(1);
            let newest = &mut releases.newest_rolled_out;
            if newest.take_if(|newest| *newest == release.version).is_some()
                && releases.rolled_out > 0
            {
                self.wants_rolled_out_of.insert(*target);
            }
        }
    }

    fn discount_live(&mut self, release: &ReleaseSummary) {
        for target in &release.targets {
            let Some(releases) = self.head.targets.get_mut(target) else { continue };
            releases.live = releases.live.saturating_sub(1);
            if releases.live == 0 {
                self.head.targets.remove(target);
            } else if releases.newest == release.version {
                self.wants_newest_of.insert(*target);
            }
        }
    }

    /// Product and channel of the head.
    #[must_use]
    pub fn place(&self) -> (ProductId, Channel) {
        (self.head.product_id.clone(), self.head.channel.clone())
    }

    /// The version below which the head has to see what is live.
    #[must_use]
    pub fn below(&self) -> &Version {
        &self.below
    }

    /// Whether the head knows all that it has to.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.wants_newest
            && self.wants_newest_of.is_empty()
            && self.wants_rolled_out_of.is_empty()
            && (self.head.recent.len() >= MAX_RECENT || self.head.lists_all())
    }

    /// Lets the head see the next lower live release.
    pub fn see(&mut self, release: &LiveRelease) {
        if std::mem::take(&mut self.wants_newest) {
            self.head.newest = Some(release).filter(|release| fits(release)).cloned();
        }
        let summary = ReleaseSummary::from(release);
        self.see_targets(&summary);
        let is_lower = |recent: &ReleaseSummary| summary.version < recent.version;
        if self.head.recent.len() < MAX_RECENT && self.head.recent.last().is_none_or(is_lower) {
            self.head.recent.push(summary);
        }
    }

    fn see_targets(&mut self, release: &ReleaseSummary) {
        for target in &release.targets {
            let Some(releases) = self.head.targets.get_mut(target) else { continue };
            if self.wants_newest_of.remove(target) {
                releases.newest = release.version.clone();
            }
            if release.rollout.includes_all() && self.wants_rolled_out_of.remove(target) {
                releases.newest_rolled_out = Some(release.version.clone());
            }
        }
    }

    /// The head, once it is complete, or has seen all that is live.
    #[must_use]
    pub fn finish(self) -> ChannelHead {
        self.head
    }
}
