//! Counters: rows whose numbers DynamoDB adds to, so that whoever counts need not know what was
//! counted before.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, Update};
use jiff::Timestamp;
use slipway_domain::{Error, Result};

use super::row::{Item, key_item};
use super::table::{Table, failed};
use crate::rows::{self, StoredEntity};
use crate::schema::{DOC, Key, REV, TTL};

/// A change of a counter. The row is made where there is none.
#[derive(Debug, Clone)]
pub(crate) struct CounterUpdate {
    pub(crate) key: Key,
    doc: String,
    ends_at: Option<Timestamp>,
    numbers: BTreeMap<String, i64>,
    condition: Option<Condition>,
}

/// What has to hold of a counter for its change to be made.
#[derive(Debug, Clone)]
enum Condition {
    /// It has a number of this name.
    Has(String),
    /// It has no number of this name, and the other number is below the limit.
    LacksAndIsBelow(String, String, u64),
    /// The number is below the limit.
    IsBelow(String, u64),
    /// The number is this one; 0, where there is none.
    Is(String, u64),
}

/// An update as DynamoDB takes it.
struct Expression {
    update: String,
    condition: Option<String>,
    names: Vec<(String, String)>,
    values: Vec<(String, AttributeValue)>,
}

impl CounterUpdate {
    /// A change of the counter at `key` that adds nothing yet. `entity` is what the row is about,
    /// and DynamoDB may delete it some time after `ends_at`.
    pub(crate) fn new<T: StoredEntity>(key: Key, entity: &T, ends_at: Timestamp) -> Result<Self> {
        Ok(Self { ends_at: Some(ends_at), ..Self::kept(key, entity)? })
    }

    /// The same, of a counter that nobody deletes.
    pub(crate) fn kept<T: StoredEntity>(key: Key, entity: &T) -> Result<Self> {
        let (doc, numbers) = (rows::write(entity)?, BTreeMap::new());
        Ok(Self { key, doc, ends_at: None, numbers, condition: None })
    }

    /// Adds to a number.
    pub(crate) fn add(&mut self, name: &str, number: i64) {
        *self.numbers.entry(name.to_owned()).or_default() += number;
    }

    /// Only where the counter has a number `name`.
    pub(crate) fn require(&mut self, name: &str) {
        self.condition = Some(Condition::Has(name.to_owned()));
    }

    /// Only where the counter has no number `name`, and `limited` is below `limit`.
    pub(crate) fn require_room(&mut self, name: &str, limited: &str, limit: u64) {
        self.condition =
            Some(Condition::LacksAndIsBelow(name.to_owned(), limited.to_owned(), limit));
    }

    /// Only where the number is below `limit`.
    pub(crate) fn require_below(&mut self, name: &str, limit: u64) {
        self.condition = Some(Condition::IsBelow(name.to_owned(), limit));
    }

    /// Only where the number is still `seen`, or is not there and `seen` is 0.
    pub(crate) fn require_number(&mut self, name: &str, seen: u64) {
        self.condition = Some(Condition::Is(name.to_owned(), seen));
    }

    fn expression(self) -> Expression {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let mut adds = vec!["#rev :one".to_owned()];
        let mut sets = "#doc = if_not_exists(#doc, :doc)".to_owned();
        let mut names: Vec<_> =
            [("#rev", REV), ("#doc", DOC)].map(|(a, b)| (a.into(), b.into())).into();
        let mut values =
            vec![(":one".to_owned(), number(1)), (":doc".to_owned(), AttributeValue::S(self.doc))];
        if let Some(end) = self.ends_at {
            sets.push_str(", #ttl = if_not_exists(#ttl, :ttl)");
            names.push(("#ttl".to_owned(), TTL.to_owned()));
            values.push((":ttl".to_owned(), number(end.as_second())));
        }
        let added = self.numbers.into_iter().filter(|(_, more)| *more != 0);
        let added = added.map(|(name, more)| (name, number(more)));
        for (place, (name, value)) in added.enumerate() {
            adds.push(format!("#a{place} :a{place}"));
            names.push((format!("#a{place}"), name));
            values.push((format!(":a{place}"), value));
        }
        let condition = self.condition.map(|condition| condition.write(&mut names, &mut values));
        let update = format!("SET {sets} ADD {}", adds.join(", "));
        Expression { update, condition, names, values }
    }

    /// The change as a write of a transaction.
    pub(super) fn into_update(self, table: &str) -> Result<Update> {
        let key = key_item(&self.key);
        let Expression { update, condition, names, values } = self.expression();
        Update::builder()
            .table_name(table)
            .set_key(Some(key))
            .update_expression(update)
            .set_condition_expression(condition)
            .set_expression_attribute_names(Some(names.into_iter().collect()))
            .set_expression_attribute_values(Some(values.into_iter().collect()))
            .build()
            .map_err(Error::internal)
    }
}

impl Condition {
    fn write(
        self,
        names: &mut Vec<(String, String)>,
        values: &mut Vec<(String, AttributeValue)>,
    ) -> String {
        let mut name = |placeholder: &str, name| names.push((placeholder.to_owned(), name));
        let (text, limit) = match self {
            Self::Has(has) => {
                name("#c", has);
                ("attribute_exists(#c)", None)
            }
            Self::LacksAndIsBelow(lacks, limited, limit) => {
                name("#c", lacks);
                name("#l", limited);
                let text = "attribute_not_exists(#c) AND (attribute_not_exists(#l) OR #l < :limit)";
                (text, Some(limit))
            }
            Self::IsBelow(limited, limit) => {
                name("#l", limited);
                ("attribute_not_exists(#l) OR #l < :limit", Some(limit))
            }
            Self::Is(number, seen) => {
                name("#l", number);
                let text = if seen == 0 {
                    "attribute_not_exists(#l) OR #l = :limit"
                } else {
                    "#l = :limit"
                };
                (text, Some(seen))
            }
        };
        let value = limit.map(|limit| AttributeValue::N(limit.to_string()));
        values.extend(value.map(|value| (":limit".to_owned(), value)));
        text.to_owned()
    }
}

impl Table {
    /// Changes a counter by itself, and tells whether its condition held. A repetition by the SDK
    /// may count twice.
    pub(crate) async fn count(&self, update: CounterUpdate) -> Result<bool> {
        let key = key_item(&update.key);
        let Expression { update, condition, names, values } = update.expression();
        self.meter.dynamodb_request();
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .update_expression(update)
            .set_condition_expression(condition)
            .set_expression_attribute_names(Some(names.into_iter().collect()))
            .set_expression_attribute_values(Some(values.into_iter().collect()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match request.send().await {
            Ok(answer) => {
                self.count_write(answer.consumed_capacity());
                Ok(true)
            }
            Err(SdkError::ServiceError(error))
                if error.err().is_conditional_check_failed_exception() =>
            {
                Ok(false)
            }
            Err(error) => Err(failed(error)),
        }
    }
}

/// The numbers of a counter whose names begin with `prefix`, without it. What was taken out twice
/// is none.
pub(crate) fn numbers<'a>(item: &'a Item, prefix: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
    item.iter().filter_map(move |(name, value)| {
        let number: i64 = value.as_n().ok()?.parse().ok()?;
        Some((name.strip_prefix(prefix)?, u64::try_from(number).unwrap_or_default()))
    })
}
