//! The table, its rows by key, and the meter that counts what is asked of it.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity};
use slipway_aws::{Meter, is_unavailable};
use slipway_domain::key::SigningKey;
use slipway_domain::{Code, Error, Principal, Result};
use tokio::time::sleep;

use super::row::{Item, Stored, decode, key_item};
use crate::rows::StoredEntity;
use crate::schema::Key;

/// The pause before what DynamoDB left undone of a batch is asked for again. The function's own
/// time ends it.
const PAUSE: Duration = Duration::from_millis(50);

/// The catalog's table, and the meter that counts what is asked of it.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) meter: Meter,
}

/// Reads the catalog on behalf of a principal: what it may not know of does not exist for it.
#[derive(Debug, Clone)]
pub struct Reader {
    pub(crate) table: Table,
    pub(crate) principal: Arc<Principal>,
}

/// Reads and writes the catalog on behalf of a principal.
#[derive(Debug, Clone)]
pub struct Writer(Reader);

impl Reader {
    /// Reads `table` on behalf of `principal`.
    #[must_use]
    pub fn new(table: Table, principal: Arc<Principal>) -> Self {
        Self { table, principal }
    }
}

impl Writer {
    /// Reads and writes `table` on behalf of `principal`.
    #[must_use]
    pub fn new(table: Table, principal: Arc<Principal>) -> Self {
        Self(Reader::new(table, principal))
    }
}

impl std::ops::Deref for Writer {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
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
        self.get_item(key, Consistency::Strong).await?.as_ref().map(decode).transpose()
    }

    /// A row with all its attributes.
    pub(crate) async fn get_item(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Item>> {
        self.meter.dynamodb_request();
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_item(key)))
            .consistent_read(consistency == Consistency::Strong);
        let answer = request
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(failed)?;
        self.count_read(answer.consumed_capacity());
        Ok(answer.item)
    }

    /// The rows among `keys` that exist, in no order. `consistent` reads cost twice as much.
    pub(crate) async fn batch_get(
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
    let source = format!("DynamoDB: {}", DisplayErrorContext(&error));
    if is_unavailable(&error) {
        return Error::new(Code::Unavailable, "the catalog does not answer; try again")
            .because(source);
    }
    Error::internal(source)
}
