//! All or nothing: rows that change together, on the condition of what was read.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{DeleteBuilder, PutBuilder};
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use jiff::Timestamp;
use slipway_domain::{Error, Result};

use super::counter::CounterUpdate;
use super::retry::retry_contention;
use super::row::{Item, Row, Stored, decode, key_item};
use super::table::{Table, failed};
use crate::authorized_revision::AuthorizedRevision;
use crate::rows::StoredEntity;
use crate::schema::{Key, LEASE, PK, REV, TTL};

/// One attempt to change rows together. `T` is what the operation answers.
///
/// Each write tells with its condition what its failure means: without [`Write::or`] or
/// [`Write::or_else`], that another writer came in between, and that the attempt is made anew.
pub(crate) struct Transaction<'a, T> {
    table: &'a Table,
    writes: Vec<Write<'a, T>>,
    on_commit: Option<Box<dyn FnOnce() + Send + 'a>>,
}

/// A transaction to be committed, and what the operation answers then.
pub(crate) struct Attempt<'a, T> {
    transaction: Transaction<'a, T>,
    output: T,
}

/// One write of a transaction.
pub(crate) struct Write<'a, T> {
    item: TransactWriteItem,
    refusal: Option<Refusal<'a, T>>,
}

/// What the operation answers where a write's condition does not hold, given the row in its way.
type Refusal<'a, T> = Box<dyn FnOnce(Option<&Item>) -> Result<T> + Send + 'a>;

impl Table {
    /// Changes rows together. `attempt` reads what it needs, adds its writes and says with
    /// [`Transaction::returning`] what is answered once they are committed; without any write it
    /// is answered at once. Where another writer came in between, `attempt` is made anew.
    ///
    /// # Errors
    /// What `attempt` or a refused write fails with; `contention` after too many attempts. Nothing
    /// was changed then.
    pub(crate) async fn transact<'a, T, F>(
        &'a self,
        mut attempt: impl FnMut(Transaction<'a, T>) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Attempt<'a, T>>>,
    {
        retry_contention(|| {
            let attempt = attempt(Transaction { table: self, writes: Vec::new(), on_commit: None });
            // On the heap: the SDK's futures are large, and a handler's holds all that it awaits.
            Box::pin(async { attempt.await?.commit().await })
        })
        .await
    }
}

impl<'a, T> Transaction<'a, T> {
    /// Writes a row that must not exist: `attribute_not_exists`.
    pub(crate) fn create(&mut self, row: Row) -> Result<&mut Write<'a, T>> {
        self.push_put(row, |put| put.condition_expression(format!("attribute_not_exists({PK})")))
    }

    /// Writes the successor of what was read: a row at revision `seen`, or none.
    pub(crate) fn put_if_unchanged(
        &mut self,
        row: Row,
        seen: Option<u64>,
    ) -> Result<&mut Write<'a, T>> {
        match seen {
            Some(seen) => self.put_at(row, seen),
            None => self.create(row),
        }
    }

    /// Writes the successor of the row that was read at revision `seen`, and that the principal may
    /// change.
    pub(crate) fn replace(
        &mut self,
        row: Row,
        seen: AuthorizedRevision,
    ) -> Result<&mut Write<'a, T>> {
        self.put_at(row, seen.get())
    }

    fn put_at(&mut self, row: Row, seen: u64) -> Result<&mut Write<'a, T>> {
        self.push_put(row.revision(seen + 1), |put| {
            put.condition_expression(format!("{REV} = :seen"))
                .expression_attribute_values(":seen", AttributeValue::N(seen.to_string()))
        })
    }

    /// Writes a row where there is none whose time is not over at `now`: DynamoDB's TTL deletes a
    /// row some time after its end, not at it.
    pub(crate) fn create_or_replace_expired(
        &mut self,
        row: Row,
        now: Timestamp,
    ) -> Result<&mut Write<'a, T>> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        self.push_put(row, |put| {
            put.condition_expression(format!(
                "attribute_not_exists({PK}) OR #ttl <= :seconds OR {LEASE} <= :millis"
            ))
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":seconds", number(now.as_second()))
            .expression_attribute_values(":millis", number(now.as_millisecond()))
        })
    }

    /// Writes a row whatever is there.
    pub(crate) fn put(&mut self, row: Row) -> Result<()> {
        self.push_put(row, |put| put).map(|_| ())
    }

    /// Adds to the numbers of a row.
    pub(crate) fn update_counter(&mut self, counter: CounterUpdate) -> Result<&mut Write<'a, T>> {
        let update = counter.into_update(&self.table.name)?;
        Ok(self.push(TransactWriteItem::builder().update(update).build()))
    }

    /// Deletes the row that was read at revision `seen`, and that the principal may change.
    pub(crate) fn delete_if_unchanged(
        &mut self,
        key: &Key,
        seen: AuthorizedRevision,
    ) -> Result<&mut Write<'a, T>> {
        let delete = self
            .delete(key)
            .condition_expression(format!("{REV} = :seen"))
            .expression_attribute_values(":seen", AttributeValue::N(seen.get().to_string()));
        let delete = delete.build().map_err(Error::internal)?;
        Ok(self.push(TransactWriteItem::builder().delete(delete).build()))
    }

    /// Deletes a row that must be there: `attribute_exists`.
    pub(crate) fn delete_existing(&mut self, key: &Key) -> Result<&mut Write<'a, T>> {
        let delete = self.delete(key).condition_expression(format!("attribute_exists({PK})"));
        let delete = delete.build().map_err(Error::internal)?;
        Ok(self.push(TransactWriteItem::builder().delete(delete).build()))
    }

    /// Makes the transaction depend on a row that it does not change: the one that was read at
    /// revision `seen`.
    pub(crate) fn require_unchanged(&mut self, key: &Key, seen: u64) -> Result<()> {
        let check = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(key_item(key)))
            .condition_expression(format!("{REV} = :seen"))
            .expression_attribute_values(":seen", AttributeValue::N(seen.to_string()));
        let check = check.build().map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().condition_check(check).build());
        Ok(())
    }

    /// Makes the transaction depend on that there is no row at `key`.
    pub(crate) fn require_absent(&mut self, key: &Key) -> Result<()> {
        let check = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(key_item(key)))
            .condition_expression(format!("attribute_not_exists({PK})"));
        let check = check.build().map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().condition_check(check).build());
        Ok(())
    }

    /// Makes the transaction depend on that the row at `key` is as it was read: at revision `seen`,
    /// or not there.
    pub(crate) fn require_seen(&mut self, key: &Key, seen: Option<u64>) -> Result<()> {
        match seen {
            Some(seen) => self.require_unchanged(key, seen),
            None => self.require_absent(key),
        }
    }

    /// Deletes a row if it is there.
    pub(crate) fn delete_if_exists(&mut self, key: &Key) -> Result<()> {
        let delete = self.delete(key).build().map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().delete(delete).build());
        Ok(())
    }

    fn delete(&self, key: &Key) -> DeleteBuilder {
        Delete::builder().table_name(&self.table.name).set_key(Some(key_item(key)))
    }

    fn push_put(
        &mut self,
        row: Row,
        condition: impl FnOnce(PutBuilder) -> PutBuilder,
    ) -> Result<&mut Write<'a, T>> {
        let put = Put::builder().table_name(&self.table.name).set_item(Some(row.into_item()));
        let put = condition(put);
        let put = match put.get_condition_expression() {
            Some(_) => put.return_values_on_condition_check_failure(
                ReturnValuesOnConditionCheckFailure::AllOld,
            ),
            None => put,
        };
        let put = put.build().map_err(Error::internal)?;
        Ok(self.push(TransactWriteItem::builder().put(put).build()))
    }

    fn push(&mut self, item: TransactWriteItem) -> &mut Write<'a, T> {
        self.writes.push_mut(Write { item, refusal: None })
    }

    /// Lets `notify` know when the writes are committed.
    pub(crate) fn on_commit(&mut self, notify: impl FnOnce() + Send + 'a) {
        self.on_commit = Some(Box::new(notify));
    }

    /// Says what the operation answers once the writes are committed.
    pub(crate) fn returning(self, output: T) -> Attempt<'a, T> {
        Attempt { transaction: self, output }
    }
}

impl<T> Attempt<'_, T> {
    /// Sends it. The SDK repeats it on a network fault, under one client request token, so that it
    /// happens once. `None` where it has to be made anew.
    #[expect(clippy::disallowed_methods, reason = "the one place that sends transactions")]
    async fn commit(self) -> Result<Option<T>> {
        let Transaction { table, writes, on_commit } = self.transaction;
        if writes.is_empty() {
            return Ok(Some(self.output));
        }
        let (items, refusals): (Vec<_>, Vec<_>) =
            writes.into_iter().map(|write| (write.item, write.refusal)).unzip();
        table.meter.dynamodb_request();
        let request = table.client.transact_write_items().set_transact_items(Some(items));
        match request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
            Ok(response) => {
                for capacity in response.consumed_capacity() {
                    table.count_write(Some(capacity));
                }
                if let Some(notify) = on_commit {
                    notify();
                }
                Ok(Some(self.output))
            }
            Err(error) => refused(refusals, &cancellation_reasons(error)?).transpose(),
        }
    }
}

impl<'a, T> Write<'a, T> {
    /// Fails the operation with `error` where the condition does not hold.
    pub(crate) fn or(&mut self, error: Error) {
        self.refusal = Some(Box::new(|_| Err(error)));
    }

    /// Lets `refusal` answer, given the row in the way, where the condition does not hold.
    pub(crate) fn or_else<E: StoredEntity>(
        &mut self,
        refusal: impl FnOnce(E) -> Result<T> + Send + 'a,
    ) {
        self.refusal = Some(Box::new(|existing| {
            let existing = existing.ok_or_else(|| Error::internal("no row is in the way"))?;
            let Stored { value, .. } = decode(existing)?;
            refusal(value)
        }));
    }

    /// Answers `output` where the condition does not hold: others have done it.
    pub(crate) fn or_answer(&mut self, output: T)
    where
        T: Send + 'a,
    {
        self.refusal = Some(Box::new(|_| Ok(output)));
    }
}

/// What the first write answers whose condition did not hold, if it has something to say about it.
fn refused<T>(
    refusals: Vec<Option<Refusal<'_, T>>>,
    reasons: &[CancellationReason],
) -> Option<Result<T>> {
    let mut refused = refusals
        .into_iter()
        .zip(reasons)
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"));
    refused.find_map(|(refusal, reason)| refusal.map(|refusal| refusal(reason.item())))
}

/// Why a transaction was cancelled, write by write: an answer, unlike a call that failed.
fn cancellation_reasons(
    error: SdkError<TransactWriteItemsError>,
) -> Result<Vec<CancellationReason>> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons();
            match reasons.iter().filter_map(CancellationReason::code).find(|code| !may_pass(code)) {
                Some(code) => Err(Error::internal(format!(
                    "DynamoDB cancelled a transaction: {code} {reasons:?}"
                ))),
                None => Ok(reasons.to_vec()),
            }
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Ok(Vec::new()),
        _ => Err(failed(error)),
    }
}

/// Whether a transaction that was cancelled for this reason may succeed when it is made anew.
fn may_pass(code: &str) -> bool {
    matches!(
        code,
        "None"
            | "ConditionalCheckFailed"
            | "TransactionConflict"
            | "ThrottlingError"
            | "ProvisionedThroughputExceeded"
    )
}
