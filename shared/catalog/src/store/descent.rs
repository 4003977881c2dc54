//! Rows of a partition from a position down or up, a page at a time: for whoever decides row by row
//! how far to go.

use aws_sdk_dynamodb::types::AttributeValue;
use slipway_domain::Result;

use super::key_query::KeyQuery;
use super::row::{Item, text};
use super::table::{Consistency, Table, failed};
use crate::schema::{Key, PK, SK};

/// A page of a descent or an ascent.
pub(crate) struct DescentPage {
    /// The rows, in the order of the walk.
    pub(crate) rows: Vec<Item>,
    /// The position of the last row, beyond which the next page begins; `None` at the end.
    pub(crate) next: Option<Key>,
}

impl Table {
    /// Up to `limit` rows of the partition of `prefix` whose sort keys begin with its sort key,
    /// from `below` down, which itself need not exist; from the last one if that is `None`.
    pub(crate) async fn descend(
        &self,
        prefix: &Key,
        below: Option<&Key>,
        limit: usize,
        consistency: Consistency,
    ) -> Result<DescentPage> {
        self.walk(prefix, (below, false), limit, consistency).await
    }

    /// The same from `above` up, which itself need not exist; from the first one if that is `None`.
    pub(crate) async fn ascend(
        &self,
        prefix: &Key,
        above: Option<&Key>,
        limit: usize,
        consistency: Consistency,
    ) -> Result<DescentPage> {
        self.walk(prefix, (above, true), limit, consistency).await
    }

    async fn walk(
        &self,
        prefix: &Key,
        (start, forward): (Option<&Key>, bool),
        limit: usize,
        consistency: Consistency,
    ) -> Result<DescentPage> {
        self.meter.dynamodb_request();
        let request = self
            .query_for(&KeyQuery::of_table(prefix.pk.clone(), prefix.sk.clone()))
            .consistent_read(consistency == Consistency::Strong)
            .scan_index_forward(forward)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start.map(super::row::key_item));
        let answer = request.send().await.map_err(failed)?;
        self.count_read(answer.consumed_capacity());
        let key = |name: &str| {
            let key = answer.last_evaluated_key().and_then(|key| key.get(name));
            key.and_then(|value: &AttributeValue| value.as_s().ok()).cloned()
        };
        let next = key(PK).zip(key(SK)).map(|(pk, sk)| Key { pk, sk });
        Ok(DescentPage { rows: answer.items.unwrap_or_default(), next })
    }
}

/// The length of the entities of rows, in bytes of JSON.
pub(crate) fn json_bytes(rows: &[Item]) -> usize {
    rows.iter().filter_map(|row| text(row, crate::schema::DOC)).map(str::len).sum()
}
