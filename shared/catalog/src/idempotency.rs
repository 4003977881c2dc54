//! Requests that may come twice and must happen once.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemOutput};
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
};
use jiff::{SignedDuration, Timestamp};
use slipway_domain::{Error, Result, Sha256};

use crate::schema::{self, Key, LEASE, PK, TTL};
use crate::store::{Item, Row, Stored, Table, decode, failed, key_item};

/// How long a request that crashed keeps its key to itself.
const LEASE_TIME: SignedDuration = SignedDuration::from_secs(60);
/// How long an answer is kept.
const ANSWER_TIME: SignedDuration = SignedDuration::from_hours(24);

/// The answer to a request, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers that belong to the answer.
    pub headers: Vec<(String, String)>,
    /// The body, always text.
    pub body: String,
}

/// What a request that brings an idempotency key finds.
#[derive(Debug)]
pub enum ClaimOutcome {
    /// It is the first: it goes on, and says how it ended.
    First(Claim),
    /// It came before, and this was the answer.
    Replay(StoredResponse),
    /// The first one is still running.
    InProgress,
    /// The key belongs to another request.
    Conflict,
}

/// The right to answer for an idempotency key.
#[derive(Debug)]
pub struct Claim {
    key: Key,
    request: Sha256,
    lease: u64,
}

/// What a row says.
#[derive(Debug)]
pub(crate) struct IdempotencyEntry {
    pub(crate) request: Sha256,
    pub(crate) answer: Option<StoredResponse>,
}

/// The book of idempotency keys.
#[derive(Debug, Clone)]
pub struct IdempotencyStore {
    table: Table,
}

impl IdempotencyStore {
    /// The book that is kept in `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Claims `key` of `actor` on `operation` for the request with digest `request`.
    pub async fn claim(
        &self,
        actor: &str,
        operation: &str,
        key: &str,
        request: Sha256,
        now: Timestamp,
    ) -> Result<ClaimOutcome> {
        let claim = Claim {
            key: schema::idempotency(actor, operation, key),
            request,
            lease: millis(now.saturating_add(LEASE_TIME))?,
        };
        let row = claim.row(None, now)?;
        // TTL deletes some time after the end, not at it: an answer that is past its time counts as
        // gone. A lease that is over means a crash.
        let free = format!(
            "attribute_not_exists({PK}) OR #ttl <= :now_s OR (attribute_exists({LEASE}) AND {LEASE} <= :now_ms)"
        );
        let request = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(row.into_item()))
            .condition_expression(free);
        let request = request
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":now_s", AttributeValue::N(now.as_second().to_string()))
            .expression_attribute_values(
                ":now_ms",
                AttributeValue::N(now.as_millisecond().to_string()),
            )
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.table.meter.dynamodb_request();
        match self.existing(
            request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await,
        )? {
            None => Ok(ClaimOutcome::First(claim)),
            Some(item) => found(&item, &claim.request),
        }
    }

    /// Keeps the answer for those who come again.
    pub async fn complete(
        &self,
        claim: &Claim,
        answer: StoredResponse,
        now: Timestamp,
    ) -> Result<()> {
        let row = claim.row(Some(answer), now)?;
        let request = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(row.into_item()));
        // Whoever took over after the lease was over has the say.
        let request = request.condition_expression(format!("{LEASE} = :mine"));
        let request = request
            .expression_attribute_values(":mine", AttributeValue::N(claim.lease.to_string()));
        self.table.meter.dynamodb_request();
        self.existing(request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await)
            .map(|_| ())
    }

    /// Gives the key up, after a failure: the request can be sent again.
    pub async fn release(&self, claim: &Claim) -> Result<()> {
        let request = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .set_key(Some(key_item(&claim.key)));
        let request = request.condition_expression(format!("{LEASE} = :mine"));
        let request = request
            .expression_attribute_values(":mine", AttributeValue::N(claim.lease.to_string()));
        self.table.meter.dynamodb_request();
        match request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
            Ok(answer) => self.table.count_write(answer.consumed_capacity()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) => {}
            Err(error) => return Err(failed(error)),
        }
        Ok(())
    }

    /// The row that stood in the way of a put; `None` where none did.
    fn existing(
        &self,
        outcome: Result<PutItemOutput, SdkError<PutItemError>>,
    ) -> Result<Option<Item>> {
        match outcome {
            Ok(answer) => {
                self.table.count_write(answer.consumed_capacity());
                Ok(None)
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(Some(refused.item().cloned().unwrap_or_default()))
                }
                _ => Err(failed(error)),
            },
        }
    }
}

impl Claim {
    fn row(&self, answer: Option<StoredResponse>, now: Timestamp) -> Result<Row> {
        let running = answer.is_none();
        let row = Row::new(self.key.clone(), &IdempotencyEntry { request: self.request, answer })?;
        let row = row.expires_at(now.saturating_add(ANSWER_TIME).map_err(Error::internal)?);
        Ok(if running { row.with(LEASE, AttributeValue::N(self.lease.to_string())) } else { row })
    }
}

fn found(item: &Item, request: &Sha256) -> Result<ClaimOutcome> {
    let Stored { value: entry, .. }: Stored<IdempotencyEntry> = decode(item)?;
    Ok(match entry.answer {
        _ if entry.request != *request => ClaimOutcome::Conflict,
        Some(answer) => ClaimOutcome::Replay(answer),
        None => ClaimOutcome::InProgress,
    })
}

fn millis(time: Result<Timestamp, jiff::Error>) -> Result<u64> {
    u64::try_from(time.map_err(Error::internal)?.as_millisecond()).map_err(Error::internal)
}
