//! Requests for rows by partition and sort key.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use slipway_domain::Result;

use super::key_query::{KeyQuery, SortKeyCondition, StartKey};
use super::row::{Item, decode};
use super::table::{Table, failed};
use crate::rows::StoredEntity;

impl Table {
    /// One request for rows, last first, after `start`; and where the next one has to start, if
    /// there are more.
    pub(super) async fn query(
        &self,
        listing: &KeyQuery,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<(Vec<Item>, Option<StartKey>)> {
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
        let next = answer.last_evaluated_key().map(|key| listing.position(key));
        Ok((answer.items.unwrap_or_default(), next))
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

    /// The one place that asks for all of a partition: DynamoDB ends a page at 1 MB and tells
    /// where.
    pub(crate) async fn each_page_of_rows(
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

    pub(super) fn query_for(&self, listing: &KeyQuery) -> QueryFluentBuilder {
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
            SortKeyCondition::Between(_, to) => {
                (format!("{pk} = :pk AND {sk} BETWEEN :from AND :bound"), Some(to))
            }
            SortKeyCondition::Prefix(prefix) => {
                (format!("{pk} = :pk AND begins_with({sk}, :bound)"), Some(prefix))
            }
            SortKeyCondition::Below(bound) => {
                (format!("{pk} = :pk AND {sk} < :bound"), Some(bound))
            }
            SortKeyCondition::From(bound) => {
                (format!("{pk} = :pk AND {sk} >= :bound"), Some(bound))
            }
        };
        let mut values = HashMap::from([(":pk".to_owned(), AttributeValue::S(listing.pk.clone()))]);
        if let SortKeyCondition::Between(from, _) = &listing.rows {
            values.insert(":from".to_owned(), AttributeValue::S(from.clone()));
        }
        values.extend(bound.map(|bound| (":bound".to_owned(), AttributeValue::S(bound.clone()))));
        request.key_condition_expression(condition).set_expression_attribute_values(Some(values))
    }
}
