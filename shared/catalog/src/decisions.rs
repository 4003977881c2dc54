//! What decisions need, in one request, and for a moment from memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use slipway_domain::adoption::CountedDecision;
use slipway_domain::channel_head::ChannelHead;
use slipway_domain::decision::UpdateCheck;
use slipway_domain::outcome::CountedOffer;
use slipway_domain::policy::{LevelPolicy, Policy, PolicyLevel};
use slipway_domain::product::Product;
use slipway_domain::tenant::Tenant;
use slipway_domain::{Channel, ProductId, Result, TenantId, Version};

use crate::adoption_tally::AdoptionTally;
use crate::catalog_overlay::CatalogOverlay;
use crate::decision_cache::{CachedRow, DecisionCache};
use crate::rows::StoredEntity;
use crate::schema::{self, DOC, Key, PK, SK};
use crate::store::{Consistency, Item, Table, decode, text};

/// How many rows one request reads.
const MAX_BATCH: usize = 100;
/// How long a reader for one request keeps what it has read: longer than any request takes.
const REQUEST_LIFETIME: SignedDuration = SignedDuration::from_mins(1);

/// What was found about the products, channels and tenants of checks, and the policies that apply
/// to them.
#[derive(Debug, Default)]
pub struct DecisionFacts {
    rows: BTreeMap<FactKey, CachedRow>,
    policies: Vec<Policy>,
}

impl DecisionFacts {
    /// The product, if it exists.
    #[must_use]
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        match self.rows.get(&FactKey::Product(id.clone())) {
            Some(CachedRow::Product(product)) => product.as_deref(),
            _ => None,
        }
    }

    /// The heads of a channel and of those that it follows, of those on which something was ever
    /// published.
    #[must_use]
    pub fn heads(&self, product: &ProductId, channel: &Channel) -> Vec<&ChannelHead> {
        let keys = head_keys(product, channel, self.product(product));
        keys.iter().filter_map(|key| self.head(key)).collect()
    }

    fn head(&self, key: &FactKey) -> Option<&ChannelHead> {
        match self.rows.get(key) {
            Some(CachedRow::ChannelHead(head)) => head.as_deref(),
            _ => None,
        }
    }

    /// The tenant, if it exists.
    #[must_use]
    pub fn tenant(&self, id: &TenantId) -> Option<&Tenant> {
        match self.rows.get(&FactKey::Tenant(id.clone())) {
            Some(CachedRow::Tenant(tenant)) => tenant.as_deref(),
            _ => None,
        }
    }

    /// The effective policy of each check, in the order of the checks.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The policies of the levels that apply to a check, merged.
    fn effective_policy(&self, check: &UpdateCheck) -> Policy {
        let levels = policy_levels(check);
        let policies = levels.iter().filter_map(|level| self.policy(level));
        let product = check.product_id.as_ref().and_then(|id| self.product(id));
        Policy::merged_where(policies, |channel| {
            product.is_some_and(|product| self.may_offer(product, channel))
        })
    }

    /// Whether a product has a channel, and something is live on it, or on one that it follows, as
    /// far as is known. Another one would silence the clients that a policy sends there.
    fn may_offer(&self, product: &Product, channel: &Channel) -> bool {
        let keys = head_keys(&product.product_id, channel, Some(product));
        let may_have_some = |key: &FactKey| {
            !self.rows.contains_key(key) || self.head(key).is_some_and(|head| head.live > 0)
        };
        product.channels.contains(channel) && keys.iter().any(may_have_some)
    }

    /// The heads that a check needs under a policy, its own channel's first.
    fn needed_heads(&self, check: &UpdateCheck, policy: &Policy) -> Vec<FactKey> {
        let place = check.product_id.as_ref().zip(check.channel(policy));
        let of = |(product, channel)| head_keys(product, &channel, self.product(product));
        place.map(of).unwrap_or_default()
    }

    fn policy(&self, level: &PolicyLevel) -> Option<&Policy> {
        self.level_policy(level).map(|found| &found.policy)
    }

    fn level_policy(&self, level: &PolicyLevel) -> Option<&LevelPolicy> {
        match self.rows.get(&FactKey::Policy(level.clone())) {
            Some(CachedRow::Policy(Some(found))) => Some(found),
            _ => None,
        }
    }

    /// The policies of the levels that apply to a check, each before those that it goes before.
    #[must_use]
    pub fn level_policies(&self, check: &UpdateCheck) -> Vec<&LevelPolicy> {
        policy_levels(check).iter().filter_map(|level| self.level_policy(level)).collect()
    }

    /// Whether all that tells the channel of a check is known.
    fn tells_channel(&self, check: &UpdateCheck) -> bool {
        let policies = policy_levels(check).into_iter().map(FactKey::Policy);
        let mut keys = policies.chain(check.product_id.clone().map(FactKey::Product));
        keys.all(|key| self.rows.contains_key(&key))
    }
}

/// The levels whose policies apply to a check, each before those that it goes before.
fn policy_levels(check: &UpdateCheck) -> Vec<PolicyLevel> {
    PolicyLevel::by_precedence(check.product_id.as_ref(), tenant_of(check))
}

/// The heads of a channel, and of those that it follows as far as `product` is known.
fn head_keys(id: &ProductId, channel: &Channel, product: Option<&Product>) -> Vec<FactKey> {
    let key = |channel: &Channel| FactKey::ChannelHead(id.clone(), channel.clone());
    match product {
        Some(product) => product.offered_channels(channel).map(key).collect(),
        None => vec![key(channel)],
    }
}

fn tenant_of(check: &UpdateCheck) -> Option<&TenantId> {
    check.tenant_id.as_ref()?.as_ref().ok()
}

/// Something that a decision has to know about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FactKey {
    Product(ProductId),
    ChannelHead(ProductId, Channel),
    Tenant(TenantId),
    Policy(PolicyLevel),
    Release(ProductId, Channel, Version),
}

impl FactKey {
    fn key(&self) -> Key {
        match self {
            Self::Product(id) => schema::product(id),
            Self::ChannelHead(product, channel) => schema::head(product, channel),
            Self::Tenant(id) => schema::tenant(id),
            Self::Policy(level) => schema::policy(level),
            Self::Release(product, channel, version) => schema::release(product, channel, version),
        }
    }

    /// How many bytes of memory a byte of the row's JSON takes, at the most: `"1",` is a whole
    /// range, of some 120 bytes.
    fn weight(&self) -> usize {
        if matches!(self, Self::Policy(_)) { 32 } else { 1 }
    }

    fn read(&self, row: Option<&Item>) -> Result<CachedRow> {
        Ok(match self {
            Self::Product(_) => CachedRow::Product(value(row)?),
            Self::ChannelHead(..) => CachedRow::ChannelHead(value(row)?),
            Self::Tenant(_) => CachedRow::Tenant(value(row)?),
            Self::Policy(_) => CachedRow::Policy(value(row)?),
            Self::Release(..) => CachedRow::Release(value(row)?),
        })
    }
}

fn value<T: StoredEntity>(row: Option<&Item>) -> Result<Option<Arc<T>>> {
    row.map(|row| Ok(Arc::new(decode(row)?.value))).transpose()
}

/// Reads what decisions need.
#[derive(Debug, Clone)]
pub struct DecisionReader {
    pub(crate) table: Table,
    pub(crate) cache: Arc<DecisionCache>,
    tally: Arc<AdoptionTally>,
    pub(crate) consistency: Consistency,
    /// What would be there instead, after a change that is not made.
    pub(crate) overlay: Option<Arc<CatalogOverlay>>,
}

/// Reads what decisions need anew, and consistently: for an operator, who asks right after a
/// change.
#[derive(Debug)]
pub struct DecisionExplainer(DecisionReader);

impl DecisionExplainer {
    /// Reads `table` for one request.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self(DecisionReader::for_one_request(table))
    }

    /// What the decision reads.
    #[must_use]
    pub fn decisions(&self) -> &DecisionReader {
        &self.0
    }
}

impl DecisionReader {
    /// Reads `table` through `cache`, and counts decisions in `tally`.
    #[must_use]
    pub fn new(table: Table, cache: Arc<DecisionCache>, tally: Arc<AdoptionTally>) -> Self {
        Self { table, cache, tally, consistency: Consistency::Eventual, overlay: None }
    }

    /// Reads `table` anew for one request: it sees every write before that, reads each row once,
    /// and counts nothing.
    pub(crate) fn for_one_request(table: Table) -> Self {
        let (cache, tally) = (DecisionCache::new(REQUEST_LIFETIME), AdoptionTally::new(None));
        let consistency = Consistency::Strong;
        Self { consistency, ..Self::new(table, cache.into(), tally.into()) }
    }

    /// The same, with the rows of `overlay` in place of those of the table.
    pub(crate) fn with_overlay(self, overlay: CatalogOverlay) -> Self {
        Self { overlay: Some(Arc::new(overlay)), ..self }
    }

    /// Counts a decision, in memory.
    pub fn count(&self, decision: CountedDecision) {
        self.tally.count(decision);
    }

    /// Counts the client of an offer, in memory.
    pub fn count_offer(&self, offer: CountedOffer) {
        self.tally.count_offer(offer);
    }

    /// What is known about the products, channels and tenants of `checks`, and the policies that
    /// apply to them: no request for what the cache holds, one for all the rest, of up to 20
    /// products and one tenant. Which channel's head a check needs follows from policies, which
    /// come with the same request, and so does the product, which tells what the channel follows:
    /// all of it is guessed, and where the guess was wrong, the heads that are missing take one
    /// request more. The caller asks for few at a time: what is found is in memory at once.
    pub async fn get_facts(&self, now: Timestamp, checks: &[UpdateCheck]) -> Result<DecisionFacts> {
        let (rows, unknown) = self.fresh(now, subjects(checks));
        let mut facts = DecisionFacts { rows, ..DecisionFacts::default() };
        if !unknown.is_empty() {
            let heads = self.guess_heads(checks, &facts, &unknown);
            facts.rows.extend(self.get(now, unknown.into_iter().chain(heads).collect()).await?);
        }
        loop {
            facts.policies = checks.iter().map(|check| facts.effective_policy(check)).collect();
            let heads = checks.iter().zip(&facts.policies);
            let heads = heads.flat_map(|(check, policy)| facts.needed_heads(check, policy));
            let missing: BTreeSet<_> = heads.filter(|key| !facts.rows.contains_key(key)).collect();
            if missing.is_empty() {
                return Ok(facts);
            }
            // A channel on which nothing is live leaves its place to that of the next level.
            facts.rows.extend(self.get(now, missing).await?);
        }
    }

    /// The heads that `checks` need, as far as `known` tells and what the cache has had of the
    /// `unknown` rows, which is a hint even after its time; and those of `stable`, which most
    /// clients are on, where not all is told and a request has room.
    fn guess_heads(
        &self,
        checks: &[UpdateCheck],
        known: &DecisionFacts,
        unknown: &[FactKey],
    ) -> BTreeSet<FactKey> {
        let held = |key: &FactKey| Some((key.clone(), self.cache.held(&key.key())?));
        let mut rows = known.rows.clone();
        rows.extend(unknown.iter().filter_map(held));
        let told = DecisionFacts { rows, ..DecisionFacts::default() };
        let of = |check| told.needed_heads(check, &told.effective_policy(check));
        let mut heads: BTreeSet<_> = checks.iter().flat_map(of).collect();
        let untold = checks.iter().filter(|check| !told.tells_channel(check));
        for product in untold.filter_map(|check| check.product_id.clone()) {
            if unknown.len() + heads.len() < MAX_BATCH {
                heads.insert(FactKey::ChannelHead(product, Channel::default()));
            }
        }
        heads
    }

    /// Rows by key, from the cache or the table.
    pub(crate) async fn get(
        &self,
        now: Timestamp,
        keys: BTreeSet<FactKey>,
    ) -> Result<BTreeMap<FactKey, CachedRow>> {
        let (mut found, unknown) = self.fresh(now, keys);
        found.extend(self.read(now, unknown).await?);
        Ok(found)
    }

    /// The rows that the cache has, and the keys of the others.
    fn fresh(
        &self,
        now: Timestamp,
        keys: BTreeSet<FactKey>,
    ) -> (BTreeMap<FactKey, CachedRow>, Vec<FactKey>) {
        let (mut found, mut unknown) = (BTreeMap::new(), Vec::new());
        for key in keys {
            let overlaid = self.overlay.as_ref().and_then(|overlay| overlay.row(&key));
            match overlaid.or_else(|| self.cache.fresh(&key.key(), now)) {
                Some(row) => drop(found.insert(key, row)),
                None => unknown.push(key),
            }
        }
        (found, unknown)
    }

    async fn read(
        &self,
        now: Timestamp,
        unknown: Vec<FactKey>,
    ) -> Result<Vec<(FactKey, CachedRow)>> {
        let keys = unknown.iter().map(FactKey::key).collect();
        let rows = self.table.batch_get(keys, self.consistency).await?;
        let mut rows = by(rows, |row| {
            Some(Key { pk: text(row, PK)?.to_owned(), sk: text(row, SK)?.to_owned() })
        });
        let mut found = Vec::with_capacity(unknown.len());
        for subject in unknown {
            let key = subject.key();
            // One text at a time is in memory twice.
            let row = rows.remove(&key);
            let fact = subject.read(row.as_ref())?;
            let bytes = row.as_ref().and_then(|row| text(row, DOC)).map_or(0, str::len);
            self.cache.keep(now, key, fact.clone(), bytes.saturating_mul(subject.weight()));
            found.push((subject, fact));
        }
        Ok(found)
    }
}

/// What `checks` are about, without the heads of channels.
fn subjects(checks: &[UpdateCheck]) -> BTreeSet<FactKey> {
    let of = |check| {
        let tenant = tenant_of(check).cloned().map(FactKey::Tenant);
        let product = check.product_id.clone().map(FactKey::Product);
        let policies = policy_levels(check).into_iter().map(FactKey::Policy);
        policies.chain(tenant).chain(product)
    };
    checks.iter().flat_map(of).collect()
}

fn by<K: Eq + Hash>(rows: Vec<Item>, key: impl Fn(&Item) -> Option<K>) -> HashMap<K, Item> {
    rows.into_iter().filter_map(|row| Some((key(&row)?, row))).collect()
}
