//! Reading the table, counted.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity,
};
use slipway_aws::Meter;
use slipway_domain::key::SigningKey;
use slipway_domain::page::Page;
use slipway_domain::{Code, Error, Result};
use tokio::time::sleep;

use crate::row::{Item, Stored, decode, key_item, text};
use crate::rows::StoredEntity;
use crate::schema::{DOC, Index, Key, PK, SK};

/// The pause before what DynamoDB left undone of a batch is asked for again. The function's own
/// time ends it.
const PAUSE: Duration = Duration::from_millis(50);
/// The most bytes of entities on a page of a list: Lambda answers 6 MB at the most.
const MAX_PAGE_BYTES: usize = 4 << 20;

/// The catalog's table, and the meter that counts what is asked of it.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) meter: Meter,
}

/// Reads the catalog.
#[derive(Debug, Clone)]
pub struct Reader {
    pub(crate) table: Table,
}

/// Reads and writes the catalog.
#[derive(Debug, Clone)]
pub struct Writer(Reader);

impl Reader {
    /// Reads `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }
}

impl Writer {
    /// Reads and writes `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self(Reader::new(table))
    }
}

impl std::ops::Deref for Writer {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}

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

impl Table {
    /// The table `name`.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>, meter: Meter) -> Self {
        Self { client, name: name.into(), meter }
    }

    /// The same table, counted by another meter.
    #[must_use]
    pub fn metered(&self, meter: &Meter) -> Self {
        Self { meter: meter.clone(), ..self.clone() }
    }

    /// Whether the table answers.
    ///
    /// # Errors
    /// `unavailable` if not.
    pub async fn ping(&self) -> Result<()> {
        self.get::<SigningKey>(&crate::schema::signing_key("none")).await.map(|_| ())
    }

    pub(crate) async fn get<T: StoredEntity>(&self, key: &Key) -> Result<Option<Stored<T>>> {
        self.meter.dynamodb_request();
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_item(key)))
            .consistent_read(true);
        let answer = request
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(failed)?;
        self.count_read(answer.consumed_capacity());
        answer.item().map(decode).transpose()
    }

    /// The rows among `keys` that exist, in no order. `consistent` reads cost twice as much.
    pub(crate) async fn get_each(
        &self,
        keys: Vec<Key>,
        consistency: Consistency,
    ) -> Result<Vec<Item>> {
        let mut found = Vec::with_capacity(keys.len());
        for some in keys.chunks(100) {
            let wanted =
                KeysAndAttributes::builder().set_keys(Some(some.iter().map(key_item).collect()));
            let mut wanted = Some(
                wanted
                    .consistent_read(consistency == Consistency::Strong)
                    .build()
                    .map_err(Error::internal)?,
            );
            while let Some(keys) = wanted.take() {
                self.meter.dynamodb_request();
                let request = self.client.batch_get_item().request_items(&self.name, keys);
                let answer = request
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await
                    .map_err(failed)?;
                answer
                    .consumed_capacity()
                    .iter()
                    .for_each(|capacity| self.count_read(Some(capacity)));
                found.extend(
                    answer.responses.unwrap_or_default().remove(&self.name).unwrap_or_default(),
                );
                wanted = answer.unprocessed_keys.unwrap_or_default().remove(&self.name);
                if wanted.is_some() {
                    sleep(PAUSE).await;
                }
            }
        }
        Ok(found)
    }

    /// A page of a list: up to `limit` entities that `keep` accepts, from the last in key order
    /// down, after `start`.
    pub(crate) async fn list<T: StoredEntity>(
        &self,
        listing: &KeyQuery,
        limit: usize,
        start: Option<StartKey>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T, StartKey>> {
        let mut items = Vec::new();
        let (mut last, mut bytes) = (start, 0);
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
            fetch = (fetch * 4).min(1000);
            if last.is_none() {
                return Ok(Page {
                    items: items.into_iter().map(|(value, _)| value).collect(),
                    next: None,
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

    /// All rows of a partition of the table, in key order: for partitions that stay within a page
    /// of 1 MB.
    pub(crate) async fn partition(&self, pk: &str, limit: i32) -> Result<Vec<Item>> {
        self.meter.dynamodb_request();
        let listing = KeyQuery::of_partition(pk.to_owned());
        let answer = self.query_for(&listing).limit(limit).send().await.map_err(failed)?;
        self.count_read(answer.consumed_capacity());
        Ok(answer.items.unwrap_or_default())
    }

    /// All that a list asks for, in key order, a page of 1 MB at a time: `take` gets the entities
    /// of each.
    pub(crate) async fn each_page<T: StoredEntity>(
        &self,
        listing: &KeyQuery,
        mut take: impl FnMut(Vec<T>),
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
            take(
                answer
                    .items
                    .unwrap_or_default()
                    .iter()
                    .map(|row| Ok(decode(row)?.value))
                    .collect::<Result<_>>()?,
            );
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

    pub(crate) fn count_read(&self, capacity: Option<&ConsumedCapacity>) {
        self.meter
            .dynamodb_read(capacity.and_then(ConsumedCapacity::capacity_units).unwrap_or_default());
    }

    pub(crate) fn count_write(&self, capacity: Option<&ConsumedCapacity>) {
        self.meter.dynamodb_write(
            capacity.and_then(ConsumedCapacity::capacity_units).unwrap_or_default(),
        );
    }
}

/// Whether a read sees every write before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consistency {
    /// It does.
    Strong,
    /// It may lag by some milliseconds, and costs half.
    Eventual,
}

/// What a failed call means: DynamoDB out of reach or overloaded is `unavailable`, anything else a
/// fault of ours.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
pub(crate) fn failed<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let overloaded = matches!(
        error.code(),
        Some(
            "ProvisionedThroughputExceededException"
                | "ThrottlingException"
                | "RequestLimitExceeded"
                | "InternalServerError"
        )
    );
    let unreachable = matches!(
        error,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_)
    );
    let source = format!("DynamoDB: {}", DisplayErrorContext(&error));
    if overloaded || unreachable {
        return Error::new(Code::Unavailable, "the catalog does not answer; try again")
            .because(source);
    }
    Error::internal(source)
}
