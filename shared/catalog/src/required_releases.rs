//! The rows of required releases: one for each that is live, sorted by version, so that a client's
//! stepping stone is found however many other releases lie between.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use slipway_domain::channel_head::{LiveRelease, RequiredRelease, Target};
use slipway_domain::decision::VersionSpan;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{Channel, ProductId, Result, Timestamp, Version};

use crate::decision_cache::CachedRow;
use crate::decision_lookups::{LookupBudget, SearchOutcome};
use crate::decisions::DecisionReader;
use crate::schema::{self, Key};
use crate::store::{Consistency, KeyQuery, Reader, Row, Transaction, decode, json_bytes};

/// Required releases of a channel that stand one after another, and where to go on.
#[derive(Debug, Clone)]
pub(crate) struct RequiredPage {
    pub(crate) releases: Arc<[RequiredRelease]>,
    pub(crate) next: Option<Key>,
}

/// Adds to `tx` what makes the row of a required release follow it: `before` is how the release
/// stood, if it did.
pub(crate) fn put_or_delete_required<T>(
    tx: &mut Transaction<'_, T>,
    before: Option<&Release>,
    release: &Release,
) -> Result<()> {
    let key = schema::required_release(&release.product_id, &release.channel, &release.version);
    match (before.is_some_and(is_required), is_required(release)) {
        (false, true) => tx.put(Row::new(key, &RequiredRelease::from(release))?),
        (true, false) => tx.delete_if_exists(&key),
        _ => Ok(()),
    }
}

/// Adds to `tx` what takes away the row of a release that is withdrawn.
pub(crate) fn delete_required<T>(tx: &mut Transaction<'_, T>, release: &Release) -> Result<()> {
    if !release.upgrade_path.required {
        return Ok(());
    }
    tx.delete_if_exists(&schema::required_release(
        &release.product_id,
        &release.channel,
        &release.version,
    ))
}

/// Whether clients below a release have to pass it.
pub(crate) fn is_required(release: &Release) -> bool {
    release.status == ReleaseStatus::Published && release.upgrade_path.required
}

/// How many rows the pages of an ascent have. A row is small: eight are read with half a unit.
fn page_sizes() -> impl Iterator<Item = usize> {
    [8, 64].into_iter().chain(std::iter::repeat(256))
}

impl Reader {
    /// The required live releases of a channel below a version, highest version first: one request
    /// for their rows, and one for each hundred of them.
    pub(crate) async fn list_required_releases(
        &self,
        product: &ProductId,
        channel: &Channel,
        below: Option<&Version>,
    ) -> Result<Vec<LiveRelease>> {
        let Key { pk, sk } = schema::required_releases(product, channel);
        let mut keys = Vec::new();
        let rows = KeyQuery::of_table(pk, sk);
        let is_below = |one: &RequiredRelease| below.is_none_or(|below| one.version < *below);
        let key = |one: RequiredRelease| schema::release(product, channel, &one.version);
        self.table
            .each_page(&rows, |page| keys.extend(page.into_iter().filter(is_below).map(key)))
            .await?;
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let releases = rows.iter().map(|row| Ok(decode::<Release>(row)?.value));
        let mut releases: Vec<Release> = releases.collect::<Result<_>>()?;
        releases.retain(is_required);
        releases.sort_by(|a, b| b.version.cmp(&a.version));
        Ok(releases.iter().map(LiveRelease::from).collect())
    }
}

impl DecisionReader {
    /// The version of the lowest required release of a channel within a span whose targets `accept`
    /// accepts.
    pub async fn find_required_release(
        &self,
        now: Timestamp,
        (product, channel): (&ProductId, &Channel),
        span: &VersionSpan,
        budget: &mut LookupBudget,
        accept: impl Fn(&BTreeSet<Target>) -> bool,
    ) -> Result<SearchOutcome<Version>> {
        let prefix = schema::required_releases(product, channel);
        let key = |version| schema::required_release(product, channel, version);
        let mut above = span.above.as_ref().map(key);
        for limit in page_sizes() {
            let Some(page) =
                self.required_page(now, &prefix, above.as_ref(), limit, budget).await?
            else {
                return Ok(SearchOutcome::OverBudget);
            };
            let is_within = |release: &&RequiredRelease| match &span.upper {
                Bound::Unbounded => true,
                Bound::Included(upper) => release.version <= *upper,
                Bound::Excluded(upper) => release.version < *upper,
            };
            let mut within = page.releases.iter().take_while(is_within);
            if let Some(found) = within.find(|release| accept(&release.targets)) {
                return Ok(SearchOutcome::Found(found.version.clone()));
            }
            let is_ended = !page.releases.last().is_some_and(|last| is_within(&last));
            above = page.next.filter(|_| !is_ended);
            if above.is_none() {
                break;
            }
        }
        Ok(SearchOutcome::NotFound)
    }

    /// A page of required releases, as the overlay makes it; `None` if the budget is spent.
    async fn required_page(
        &self,
        now: Timestamp,
        prefix: &Key,
        above: Option<&Key>,
        limit: usize,
        budget: &mut LookupBudget,
    ) -> Result<Option<RequiredPage>> {
        let page = self.stored_required_page(now, prefix, above, limit, budget).await?;
        Ok(match &self.overlay {
            Some(overlay) => page.map(|page| overlay.correct_required(prefix, above, page)),
            None => page,
        })
    }

    /// A page of required releases, from the cache or the table; `None` if the budget is spent.
    async fn stored_required_page(
        &self,
        now: Timestamp,
        prefix: &Key,
        above: Option<&Key>,
        limit: usize,
        budget: &mut LookupBudget,
    ) -> Result<Option<RequiredPage>> {
        let name = schema::required_page(prefix, above, limit);
        if let Some(CachedRow::RequiredPage(page)) = self.cache.fresh(&name, now) {
            return Ok(Some(page));
        }
        if budget.is_spent() {
            return Ok(None);
        }
        let found = self.table.ascend(prefix, above, limit, self.consistency).await?;
        let bytes = json_bytes(&found.rows);
        budget.spend(bytes);
        let releases = found.rows.iter().map(|row| Ok(decode::<RequiredRelease>(row)?.value));
        let page = RequiredPage { releases: releases.collect::<Result<_>>()?, next: found.next };
        self.cache.keep(now, name, CachedRow::RequiredPage(page.clone()), bytes);
        Ok(Some(page))
    }
}
