//! Older releases, which decisions look up where the head of the channel does not have them.

use std::ops::Bound;
use std::sync::Arc;

use slipway_domain::decision::VersionSpan;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Channel, ProductId, Result, Timestamp, Version};

use crate::decision_cache::CachedRow;
use crate::decisions::{DecisionReader, FactKey};
use crate::live_releases::page_sizes;
use crate::schema::{self, Key};
use crate::store::{decode, json_bytes};

/// How many requests one decision request may make to look up releases: one for each product, and
/// some more.
const MAX_REQUESTS: usize = 128;
/// How much they may read, in bytes of JSON.
const MAX_BYTES: usize = 48 << 20;

/// What is left to look up releases with, in one decision request.
#[derive(Debug)]
pub struct LookupBudget {
    requests: usize,
    bytes: usize,
}

/// How a search for a release ended.
#[derive(Debug)]
pub enum SearchOutcome<T = Arc<Release>> {
    /// The release, or its version.
    Found(T),
    /// There is none.
    NotFound,
    /// The budget did not suffice.
    OverBudget,
}

/// Live releases of a channel that stand one after another, and where to go on.
#[derive(Debug, Clone)]
pub(crate) struct ReleasePage {
    pub(crate) live: Arc<[Arc<Release>]>,
    pub(crate) next: Option<Key>,
}

impl Default for LookupBudget {
    fn default() -> Self {
        Self { requests: MAX_REQUESTS, bytes: MAX_BYTES }
    }
}

impl LookupBudget {
    pub(crate) fn is_spent(&self) -> bool {
        self.requests == 0 || self.bytes == 0
    }

    pub(crate) fn spend(&mut self, bytes: usize) {
        self.requests = self.requests.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl DecisionReader {
    /// Releases by version, whatever their status, in the order of `wanted`; `None` for one that
    /// does not exist. One request for all that the cache does not hold, of up to 100.
    pub async fn get_releases(
        &self,
        now: Timestamp,
        wanted: &[(ProductId, Channel, Version)],
    ) -> Result<Vec<Option<Arc<Release>>>> {
        let keys = wanted.iter().map(|(product, channel, version)| {
            FactKey::Release(product.clone(), channel.clone(), version.clone())
        });
        let keys: Vec<FactKey> = keys.collect();
        let rows = self.get(now, keys.iter().cloned().collect()).await?;
        let release = |key: &FactKey| match rows.get(key) {
            Some(CachedRow::Release(release)) => release.clone(),
            _ => None,
        };
        Ok(keys.iter().map(release).collect())
    }

    /// The newest live release of a channel within a span that `accept` accepts.
    pub async fn find_newest_release(
        &self,
        now: Timestamp,
        (product, channel): (&ProductId, &Channel),
        span: &VersionSpan,
        budget: &mut LookupBudget,
        accept: impl Fn(&Release) -> bool,
    ) -> Result<SearchOutcome> {
        let prefix = schema::channel_releases(product, channel);
        let end = span.above.as_ref().map(|above| schema::release(product, channel, above));
        let mut below = match &span.upper {
            Bound::Unbounded => None,
            Bound::Included(upper) => Some(schema::above_release(product, channel, upper)),
            Bound::Excluded(upper) => Some(schema::release(product, channel, upper)),
        };
        for limit in page_sizes() {
            let Some(page) = self.page(now, &prefix, below.as_ref(), limit, budget).await? else {
                return Ok(SearchOutcome::OverBudget);
            };
            let mut within = page.live.iter().take_while(|one| !span.ends_before(&one.version));
            if let Some(found) = within.find(|release| accept(release)) {
                return Ok(SearchOutcome::Found(found.clone()));
            }
            below = page.next.filter(|next| end.as_ref().is_none_or(|end| next > end));
            if below.is_none() {
                break;
            }
        }
        Ok(SearchOutcome::NotFound)
    }

    /// A page of releases, as the overlay makes it; `None` if the budget is spent.
    async fn page(
        &self,
        now: Timestamp,
        prefix: &Key,
        below: Option<&Key>,
        limit: usize,
        budget: &mut LookupBudget,
    ) -> Result<Option<ReleasePage>> {
        let page = self.stored_page(now, prefix, below, limit, budget).await?;
        Ok(match &self.overlay {
            Some(overlay) => page.map(|page| overlay.correct(prefix, below, page)),
            None => page,
        })
    }

    /// A page of releases, from the cache or the table; `None` if the budget is spent.
    async fn stored_page(
        &self,
        now: Timestamp,
        prefix: &Key,
        below: Option<&Key>,
        limit: usize,
        budget: &mut LookupBudget,
    ) -> Result<Option<ReleasePage>> {
        let name = schema::release_page(prefix, below, limit);
        if let Some(CachedRow::ReleasePage(page)) = self.cache.fresh(&name, now) {
            return Ok(Some(page));
        }
        if budget.is_spent() {
            return Ok(None);
        }
        let found = self.table.descend(prefix, below, limit, self.consistency).await?;
        let bytes = json_bytes(&found.rows);
        budget.spend(bytes);
        let releases = found.rows.iter().map(|row| Ok(decode::<Release>(row)?.value));
        let is_live = |release: &Release| release.status == ReleaseStatus::Published;
        let live = releases
            .filter(|release| release.as_ref().map_or(true, is_live))
            .map(|release| release.map(Arc::new));
        let page = ReleasePage { live: live.collect::<Result<_>>()?, next: found.next };
        self.cache.keep(now, name, CachedRow::ReleasePage(page.clone()), bytes);
        Ok(Some(page))
    }
}
