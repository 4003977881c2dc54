//! Rows by partition and sort key, a page at a time.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use slipway_domain::Result;
use slipway_domain::page::Page;

use super::row::{Item, Stored, decode, text};
use super::table::{Table, failed};
use crate::rows::StoredEntity;
use crate::schema::{DOC, Index, PK, SK};

/// The most bytes of entities on a page of a list: Lambda answers 6 MB at the most.
const MAX_PAGE_BYTES: usize = 4 << 20;

/// Where a page of a list ended: the key attributes of its last row.
pub type StartKey = BTreeMap<String, String>;

/// What a list asks for: a partition of the table or of an index, and which of its rows.
#[derive(Debug, Clone)]
pub(crate) struct KeyQuery {
    index: Option<Index>,
    pk: String,
    rows: SortKeyCondition,
}

/// Which rows of a partition, by sort key.
#[derive(Debug, Clone)]
enum SortKeyCondition {
    All,
    Prefix(String),
    Below(String),
}

impl KeyQuery {
    /// A partition of an index, last first.
    pub(crate) fn of_index(index: Index, pk: String) -> Self {
        Self { index: Some(index), pk, rows: SortKeyCondition::All }
    }

    /// The rows of a partition of an index whose sort keys are below `bound`, last first.
    pub(crate) fn of_index_below(index: Index, pk: String, bound: String) -> Self {
        Self { index: Some(index), pk, rows: SortKeyCondition::Below(bound) }
    }

    /// A partition of the table.
    pub(crate) fn of_partition(pk: String) -> Self {
        Self { index: None, pk, rows: SortKeyCondition::All }
    }

    /// The rows of a partition of the table whose sort keys begin with `prefix`, last first.
    pub(crate) fn of_table(pk: String, prefix: String) -> Self {
        Self { index: None, pk, rows: SortKeyCondition::Prefix(prefix) }
    }

    fn keys(&self) -> (&'static str, &'static str) {
        self.index.map_or((PK, SK), Index::keys)
    }

    fn position(&self, item: &Item) -> StartKey {
        let (pk, sk) = self.keys();
        let of = |name: &str| text(item, name).map(|value| (name.to_owned(), value.to_owned()));
        [PK, SK, pk, sk].into_iter().filter_map(of).collect()
    }
}

/// How many rows a page of `limit` entities reads at the most, whoever may see how few of them.
const fn rows_per_page(limit: usize) -> usize {
    10 * limit + 100
}

impl Table {
    /// A page of a list: up to `limit` entities that `keep` accepts, from the last in key order
    /// down, after `start`. Where few are accepted, a page ends after [`rows_per_page`] rows, with
    /// fewer entities or none, and the next one goes on from there.
    pub(crate) async fn list<T: StoredEntity>(
        &self,
        listing: &KeyQuery,
        limit: usize,
        start: Option<StartKey>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T, StartKey>> {
        let mut items = Vec::new();
        let (mut last, mut bytes, mut unread) = (start, 0, rows_per_page(limit));
        // One row more than asked for tells whether there is a next page. Where few rows are kept,
        // larger and larger steps find them.
        let mut fetch = limit + 1;
        loop {
            let (rows, more) = self.query(listing, fetch, last.take()).await?;
            for row in &rows {
                let Stored { value, .. } = decode(row)?;
                if !keep(&value) {
                    continue;
                }
                bytes += text(row, DOC).map_or(0, str::len);
                if items.len() == limit || (bytes > MAX_PAGE_BYTES && !items.is_empty()) {
                    let next = items.last().map(|(_, position): &(T, StartKey)| position.clone());
                    return Ok(Page {
                        items: items.into_iter().map(|(value, _)| value).collect(),
                        next,
                    });
                }
                items.push((value, listing.position(row)));
            }
            last = rows.last().map(|row| listing.position(row)).filter(|_| more);
            unread = unread.saturating_sub(rows.len());
            fetch = (fetch * 4).min(unread);
            if last.is_none() || unread == 0 {
                return Ok(Page {
                    items: items.into_iter().map(|(value, _)| value).collect(),
                    next: last,
                });
            }
        }
    }

    /// One request for rows of a list, and whether there are more.
    async fn query(
        &self,
        listing: &KeyQuery,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<(Vec<Item>, bool)> {
        self.meter.dynamodb_request();
        let request = self
            .query_for(listing)
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let start = start.map(|position| {
            position.into_iter().map(|(name, value)| (name, AttributeValue::S(value))).collect()
        });
        let answer = request.set_exclusive_start_key(start).send().await.map_err(failed)?;
        self.count_read(answer.consumed_capacity());
        let more = answer.last_evaluated_key().is_some();
        Ok((answer.items.unwrap_or_default(), more))
    }

    /// All rows of a partition of the table, in key order.
    pub(crate) async fn partition(&self, pk: &str) -> Result<Vec<Item>> {
        let mut rows = Vec::new();
        let listing = KeyQuery::of_partition(pk.to_owned());
        self.each_page_of_rows(&listing, |page| {
            rows.extend(page);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// All that a list asks for, in key order, a page of 1 MB at a time: `take` gets the entities
    /// of each.
    pub(crate) async fn each_page<T: StoredEntity>(
        &self,
        listing: &KeyQuery,
        mut take: impl FnMut(Vec<T>),
    ) -> Result<()> {
        self.each_page_of_rows(listing, |rows| {
            take(rows.iter().map(|row| Ok(decode(row)?.value)).collect::<Result<_>>()?);
            Ok(())
        })
        .await
    }

    /// The one place that asks for all of a partition: DynamoDB ends a page at 1 MB and tells where.
    async fn each_page_of_rows(
        &self,
        listing: &KeyQuery,
        mut take: impl FnMut(Vec<Item>) -> Result<()>,
    ) -> Result<()> {
        let mut start = None;
        loop {
            self.meter.dynamodb_request();
            let answer = self
                .query_for(listing)
                .set_exclusive_start_key(start.take())
                .send()
                .await
                .map_err(failed)?;
            self.count_read(answer.consumed_capacity());
            take(answer.items.unwrap_or_default())?;
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    fn query_for(&self, listing: &KeyQuery) -> QueryFluentBuilder {
        let (pk, sk) = listing.keys();
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(listing.index.map(|index| index.name().to_owned()));
        // An index can't be read consistently; the table is, so that a list shows what was just
        // written.
        let request = request
            .consistent_read(listing.index.is_none())
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let (condition, bound) = match &listing.rows {
            SortKeyCondition::All => (format!("{pk} = :pk"), None),
            SortKeyCondition::Prefix(prefix) => {
                (format!("{pk} = :pk AND begins_with({sk}, :bound)"), Some(prefix))
            }
            SortKeyCondition::Below(bound) => {
                (format!("{pk} = :pk AND {sk} < :bound"), Some(bound))
            }
        };
        let mut values = HashMap::from([(":pk".to_owned(), AttributeValue::S(listing.pk.clone()))]);
        values.extend(bound.map(|bound| (":bound".to_owned(), AttributeValue::S(bound.clone()))));
        request.key_condition_expression(condition).set_expression_attribute_values(Some(values))
    }
}
