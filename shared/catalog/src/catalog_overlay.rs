//! Rows as they would be after a change that is not made: decisions read them in place of those of
//! the table.

use std::collections::BTreeMap;
use std::sync::Arc;

use slipway_domain::channel_head::{ChannelHead, RequiredRelease};
use slipway_domain::policy::{LevelPolicy, PolicyLevel};
use slipway_domain::product::Product;
use slipway_domain::release::{Release, ReleaseStatus};

use crate::decision_cache::CachedRow;
use crate::decision_lookups::ReleasePage;
use crate::decisions::FactKey;
use crate::releases::key;
use crate::required_releases::{RequiredPage, is_required};
use crate::schema::{self, Key};

/// Rows as they would be after a change. An empty one is that of a change that changes nothing.
#[derive(Debug, Default)]
pub(crate) struct CatalogOverlay {
    rows: BTreeMap<FactKey, CachedRow>,
    releases: Vec<Arc<Release>>,
}

impl CatalogOverlay {
    /// The row, if it would be another one.
    pub(crate) fn row(&self, key: &FactKey) -> Option<CachedRow> {
        self.rows.get(key).cloned()
    }

    pub(crate) fn set_head(&mut self, head: ChannelHead) {
        let key = FactKey::ChannelHead(head.product_id.clone(), head.channel.clone());
        self.rows.insert(key, CachedRow::ChannelHead(Some(Arc::new(head))));
    }

    /// Sets that nothing was ever published on the channel of the empty `head`.
    pub(crate) fn set_no_head(&mut self, head: &ChannelHead) {
        let key = FactKey::ChannelHead(head.product_id.clone(), head.channel.clone());
        self.rows.insert(key, CachedRow::ChannelHead(None));
    }

    pub(crate) fn set_product(&mut self, product: Product) {
        let key = FactKey::Product(product.product_id.clone());
        self.rows.insert(key, CachedRow::Product(Some(Arc::new(product))));
    }

    /// Sets the policy of a level, or takes it away.
    pub(crate) fn set_policy(&mut self, level: PolicyLevel, policy: Option<LevelPolicy>) {
        self.rows.insert(FactKey::Policy(level), CachedRow::Policy(policy.map(Arc::new)));
    }

    pub(crate) fn set_release(&mut self, release: Release) {
        let Release { product_id, channel, version, .. } = release.clone();
        let release = Arc::new(release);
        self.releases.push(Arc::clone(&release));
        let key = FactKey::Release(product_id, channel, version);
        self.rows.insert(key, CachedRow::Release(Some(release)));
    }

    /// The page of live releases that begins `below`, newest first, as it would be.
    pub(crate) fn correct(
        &self,
        prefix: &Key,
        below: Option<&Key>,
        page: ReleasePage,
    ) -> ReleasePage {
        let covers = |release: &Release| {
            let key = key(release);
            is_in(prefix, &key)
                && below.is_none_or(|below| key < *below)
                && page.next.as_ref().is_none_or(|next| key >= *next)
        };
        let changed: Vec<_> = self.releases.iter().filter(|one| covers(one)).collect();
        if changed.is_empty() {
            return page;
        }
        let is_changed = |live: &Release| changed.iter().any(|one| one.version == live.version);
        let mut live: Vec<_> = page.live.iter().filter(|live| !is_changed(live)).cloned().collect();
        let is_live = |release: &&&Arc<Release>| release.status == ReleaseStatus::Published;
        live.extend(changed.iter().filter(is_live).copied().cloned());
        live.sort_by(|a, b| b.version.cmp(&a.version));
        ReleasePage { live: live.into(), next: page.next }
    }

    /// The page of required releases that begins `above`, lowest first, as it would be.
    pub(crate) fn correct_required(
        &self,
        prefix: &Key,
        above: Option<&Key>,
        page: RequiredPage,
    ) -> RequiredPage {
        let covers = |release: &Release| {
            let Release { product_id, channel, version, .. } = release;
            let key = schema::required_release(product_id, channel, version);
            is_in(prefix, &key)
                && above.is_none_or(|above| key > *above)
                && page.next.as_ref().is_none_or(|next| key <= *next)
        };
        let changed: Vec<_> = self.releases.iter().filter(|one| covers(one)).collect();
        if changed.is_empty() {
            return page;
        }
        let is_changed =
            |one: &RequiredRelease| changed.iter().any(|other| other.version == one.version);
        let mut releases: Vec<_> =
            page.releases.iter().filter(|one| !is_changed(one)).cloned().collect();
        let required = changed.iter().filter(|release| is_required(release));
        releases.extend(required.map(|release| RequiredRelease::from(&***release)));
        releases.sort_by(|a, b| a.version.cmp(&b.version));
        RequiredPage { releases: releases.into(), next: page.next }
    }
}

/// Whether the rows that begin with `prefix` have `key`.
fn is_in(prefix: &Key, key: &Key) -> bool {
    key.pk == prefix.pk && key.sk.starts_with(&prefix.sk)
}
