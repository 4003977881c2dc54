//! What decisions need, in one request, and for a moment from memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use jiff::Timestamp;
use slipway_domain::adoption::CountedDecision;
use slipway_domain::channel_head::ChannelHead;
use slipway_domain::product::Product;
use slipway_domain::tenant::Tenant;
use slipway_domain::{Channel, ProductId, Result, TenantId, Version};

use crate::adoption_tally::AdoptionTally;
use crate::decision_cache::{CachedRow, DecisionCache};
use crate::rows::StoredEntity;
use crate::schema::{self, DOC, Key, PK, SK};
use crate::store::{Consistency, Item, Table, decode, text};

/// What was found about the products, channels and tenants that were asked for.
#[derive(Debug, Default)]
pub struct DecisionFacts {
    products: HashMap<ProductId, Arc<Product>>,
    heads: HashMap<(ProductId, Channel), Arc<ChannelHead>>,
    tenants: HashMap<TenantId, Arc<Tenant>>,
}

impl DecisionFacts {
    /// The product, if it exists.
    #[must_use]
    pub fn product(&self, id: &ProductId) -> Option<&Product> {
        self.products.get(id).map(AsRef::as_ref)
    }

    /// The head of a channel, if something was ever published there.
    #[must_use]
    pub fn head(&self, product: &ProductId, channel: &Channel) -> Option<&ChannelHead> {
        self.heads.get(&(product.clone(), channel.clone())).map(AsRef::as_ref)
    }

    /// The tenant, if it exists.
    #[must_use]
    pub fn tenant(&self, id: &TenantId) -> Option<&Tenant> {
        self.tenants.get(id).map(AsRef::as_ref)
    }
}

/// Something that a decision has to know about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FactKey {
    Product(ProductId),
    ChannelHead(ProductId, Channel),
    Tenant(TenantId),
    Release(ProductId, Channel, Version),
}

impl FactKey {
    fn key(&self) -> Key {
        match self {
            Self::Product(id) => schema::product(id),
            Self::ChannelHead(product, channel) => schema::head(product, channel),
            Self::Tenant(id) => schema::tenant(id),
            Self::Release(product, channel, version) => schema::release(product, channel, version),
        }
    }

    fn read(&self, row: Option<&Item>) -> Result<CachedRow> {
        Ok(match self {
            Self::Product(_) => CachedRow::Product(value(row)?),
            Self::ChannelHead(..) => CachedRow::ChannelHead(value(row)?),
            Self::Tenant(_) => CachedRow::Tenant(value(row)?),
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
}

impl DecisionReader {
    /// Reads `table` through `cache`, and counts decisions in `tally`.
    #[must_use]
    pub fn new(table: Table, cache: Arc<DecisionCache>, tally: Arc<AdoptionTally>) -> Self {
        Self { table, cache, tally }
    }

    /// Counts a decision, in memory.
    pub fn count(&self, decision: CountedDecision) {
        self.tally.count(decision);
    }

    /// What is known about products on channels, and about tenants: no request for what the cache
    /// holds, one for all the rest of up to 49 products. The caller asks for few at a time: what is
    /// found is in memory at once.
    pub async fn get_facts(
        &self,
        now: Timestamp,
        products: impl IntoIterator<Item = (ProductId, Channel)>,
        tenants: impl IntoIterator<Item = TenantId>,
    ) -> Result<DecisionFacts> {
        let products = products.into_iter().flat_map(|(id, channel)| {
            [FactKey::ChannelHead(id.clone(), channel), FactKey::Product(id)]
        });
        let keys = products.chain(tenants.into_iter().map(FactKey::Tenant)).collect();
        let mut facts = DecisionFacts::default();
        for (key, fact) in self.get(now, keys).await? {
            facts.add(key, fact);
        }
        Ok(facts)
    }

    /// Rows by key, from the cache or the table.
    pub(crate) async fn get(
        &self,
        now: Timestamp,
        keys: BTreeSet<FactKey>,
    ) -> Result<BTreeMap<FactKey, CachedRow>> {
        let (mut found, mut unknown) = (BTreeMap::new(), Vec::new());
        for key in keys {
            match self.cache.fresh(&key.key(), now) {
                Some(row) => drop(found.insert(key, row)),
                None => unknown.push(key),
            }
        }
        found.extend(self.read(now, unknown).await?);
        Ok(found)
    }

    async fn read(
        &self,
        now: Timestamp,
        unknown: Vec<FactKey>,
    ) -> Result<Vec<(FactKey, CachedRow)>> {
        let keys = unknown.iter().map(FactKey::key).collect();
        let rows = self.table.batch_get(keys, Consistency::Eventual).await?;
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
            self.cache.keep(now, key, fact.clone(), bytes);
            found.push((subject, fact));
        }
        Ok(found)
    }
}

impl DecisionFacts {
    fn add(&mut self, subject: FactKey, fact: CachedRow) {
        match (subject, fact) {
            (FactKey::Product(id), CachedRow::Product(Some(product))) => {
                drop(self.products.insert(id, product));
            }
            (FactKey::ChannelHead(id, channel), CachedRow::ChannelHead(Some(head))) => {
                drop(self.heads.insert((id, channel), head));
            }
            (FactKey::Tenant(id), CachedRow::Tenant(Some(tenant))) => {
                drop(self.tenants.insert(id, tenant));
            }
            _ => {}
        }
    }
}

fn by<K: Eq + Hash>(rows: Vec<Item>, key: impl Fn(&Item) -> Option<K>) -> HashMap<K, Item> {
    rows.into_iter().filter_map(|row| Some((key(&row)?, row))).collect()
}
