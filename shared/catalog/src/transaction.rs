//! All or nothing: rows that change together.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnConsumedCapacity,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use slipway_domain::{Error, Result};

use crate::row::{Row, Stored, decode, key_item};
use crate::rows::StoredEntity;
use crate::schema::{Key, PK, REV};
use crate::table::{Table, failed};

/// Rows that change together or not at all.
pub(crate) struct Transaction<'a> {
    table: &'a Table,
    writes: Vec<TransactWriteItem>,
}

/// The place of a write in its transaction: the way to ask why it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WriteIndex(usize);

/// How a transaction ended.
pub(crate) enum CommitOutcome {
    /// Every row is changed.
    Done,
    /// None is: a condition did not hold, or another transaction was at work on the same rows.
    Cancelled(Cancelled),
}

/// Why a transaction was cancelled, write by write.
pub(crate) struct Cancelled(Vec<CancellationReason>);

impl Table {
    pub(crate) fn transaction(&self) -> Transaction<'_> {
        Transaction { table: self, writes: Vec::new() }
    }
}

impl Transaction<'_> {
    /// Writes a row that must not exist yet.
    pub(crate) fn create(&mut self, row: Row) -> Result<WriteIndex> {
        self.put(row, Some((format!("attribute_not_exists({PK})"), None)))
    }

    /// Writes the successor of the row that was read at revision `seen`.
    pub(crate) fn replace(&mut self, row: Row, seen: u64) -> Result<WriteIndex> {
        self.put(row, Some((format!("{REV} = :seen"), Some(seen))))
    }

    /// Writes the successor of what was seen: a row at a revision, or none.
    pub(crate) fn succeed(&mut self, row: Row, seen: Option<u64>) -> Result<WriteIndex> {
        match seen {
            Some(seen) => self.replace(row, seen),
            None => self.create(row),
        }
    }

    /// Writes a row whatever is there.
    pub(crate) fn set(&mut self, row: Row) -> Result<WriteIndex> {
        self.put(row, None)
    }

    /// Deletes the row that was read at revision `seen`.
    pub(crate) fn delete(&mut self, key: &Key, seen: u64) -> Result<WriteIndex> {
        let delete = Delete::builder().table_name(&self.table.name).set_key(Some(key_item(key)));
        let delete = delete
            .condition_expression(format!("{REV} = :seen"))
            .expression_attribute_values(":seen", AttributeValue::N(seen.to_string()));
        Ok(self.push(
            TransactWriteItem::builder().delete(delete.build().map_err(Error::internal)?).build(),
        ))
    }

    /// Deletes a row if it is there.
    pub(crate) fn clear(&mut self, key: &Key) -> Result<WriteIndex> {
        let delete = Delete::builder().table_name(&self.table.name).set_key(Some(key_item(key)));
        Ok(self.push(
            TransactWriteItem::builder().delete(delete.build().map_err(Error::internal)?).build(),
        ))
    }

    /// Sends it. The SDK repeats it on a network fault, under one client request token, so that it
    /// happens once.
    #[expect(clippy::disallowed_methods, reason = "the one place that sends transactions")]
    pub(crate) async fn commit(self) -> Result<CommitOutcome> {
        self.table.meter.dynamodb_request();
        let request =
            self.table.client.transact_write_items().set_transact_items(Some(self.writes));
        match request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
            Ok(answer) => {
                answer
                    .consumed_capacity()
                    .iter()
                    .for_each(|capacity| self.table.count_write(Some(capacity)));
                Ok(CommitOutcome::Done)
            }
            Err(error) => cancelled(error).map(CommitOutcome::Cancelled),
        }
    }

    fn put(&mut self, row: Row, condition: Option<(String, Option<u64>)>) -> Result<WriteIndex> {
        let mut put = Put::builder().table_name(&self.table.name).set_item(Some(row.into_item()));
        if let Some((expression, seen)) = condition {
            put = put.condition_expression(expression).return_values_on_condition_check_failure(
                ReturnValuesOnConditionCheckFailure::AllOld,
            );
            put = seen.into_iter().fold(put, |put, seen| {
                put.expression_attribute_values(":seen", AttributeValue::N(seen.to_string()))
            });
        }
        Ok(self
            .push(TransactWriteItem::builder().put(put.build().map_err(Error::internal)?).build()))
    }

    fn push(&mut self, write: TransactWriteItem) -> WriteIndex {
        self.writes.push(write);
        WriteIndex(self.writes.len() - 1)
    }
}

/// Tells a cancelled transaction, which is an answer, from a failed call.
fn cancelled(error: SdkError<TransactWriteItemsError>) -> Result<Cancelled> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons().to_vec();
            let foreign = reasons.iter().filter_map(CancellationReason::code).find(|code| {
                !matches!(
                    *code,
                    "None"
                        | "ConditionalCheckFailed"
                        | "TransactionConflict"
                        | "ThrottlingError"
                        | "ProvisionedThroughputExceeded"
                )
            });
            foreign.map_or(Ok(Cancelled(reasons.clone())), |code| {
                Err(Error::internal(format!(
                    "DynamoDB cancelled a transaction: {code} {reasons:?}"
                )))
            })
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
            Ok(Cancelled(Vec::new()))
        }
        _ => Err(failed(error)),
    }
}

impl Cancelled {
    /// Whether the condition of `slot` did not hold.
    pub(crate) fn refused(&self, slot: WriteIndex) -> bool {
        self.reason(slot).is_some()
    }

    /// What stands in the way of `slot`, if its condition did not hold.
    pub(crate) fn existing<T: StoredEntity>(&self, slot: WriteIndex) -> Result<Option<Stored<T>>> {
        self.reason(slot).and_then(CancellationReason::item).map(decode).transpose()
    }

    fn reason(&self, WriteIndex(index): WriteIndex) -> Option<&CancellationReason> {
        self.0.get(index).filter(|reason| reason.code() == Some("ConditionalCheckFailed"))
    }
}
