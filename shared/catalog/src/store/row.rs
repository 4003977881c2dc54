//! Rows: entities as DynamoDB items and back.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use slipway_domain::{Error, Result};

use crate::rows::{self, FIRST_FORM, StoredEntity};
use crate::schema::{DOC, FORM, Index, Key, PK, REV, SK, TTL};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An entity as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<T, R = u64> {
    /// The entity.
    pub value: T,
    /// The revision of its row: what a writer has to name.
    pub rev: R,
}

/// A row to be written.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    item: Item,
}

impl Row {
    /// The first revision of a row. A write that replaces another row numbers it itself.
    pub(crate) fn new<T: StoredEntity>(key: Key, value: &T) -> Result<Self> {
        let row = Self { item: into_item(key) }.with(DOC, AttributeValue::S(rows::write(value)?));
        let row = row.revision(1);
        Ok(if T::FORM > FIRST_FORM {
            row.with(FORM, AttributeValue::N(T::FORM.to_string()))
        } else {
            row
        })
    }

    /// Gives the row a revision.
    pub(crate) fn revision(self, rev: u64) -> Self {
        self.with(REV, AttributeValue::N(rev.to_string()))
    }

    /// Puts the row into an index as well.
    pub(crate) fn indexed(self, (index, key): (Index, Key)) -> Self {
        let (pk, sk) = index.keys();
        self.with(pk, AttributeValue::S(key.pk)).with(sk, AttributeValue::S(key.sk))
    }

    /// Lets DynamoDB delete the row some time after `time`.
    pub(crate) fn expires_at(self, time: Timestamp) -> Self {
        self.with(TTL, AttributeValue::N(time.as_second().to_string()))
    }

    /// Sets an attribute.
    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.item.insert(name.to_owned(), value);
        self
    }

    /// The row as the SDK has it.
    pub(crate) fn into_item(self) -> Item {
        self.item
    }
}

/// The key attributes of the table.
pub(crate) fn key_item(key: &Key) -> Item {
    into_item(key.clone())
}

fn into_item(Key { pk, sk }: Key) -> Item {
    HashMap::from([(PK.to_owned(), AttributeValue::S(pk)), (SK.to_owned(), AttributeValue::S(sk))])
}

/// Reads an entity out of an item.
pub(crate) fn decode<T: StoredEntity>(item: &Item) -> Result<Stored<T>> {
    let doc = text(item, DOC)
        .ok_or_else(|| Error::internal(format!("a row without `{DOC}`: {:?}", item.get(PK))))?;
    let value = rows::read(number(item, FORM).unwrap_or(FIRST_FORM), doc)
        .map_err(|error| Error::internal(format!("{:?}: {error:?}", item.get(PK))))?;
    let rev = number(item, REV)
        .ok_or_else(|| Error::internal(format!("a row without `{REV}`: {:?}", item.get(PK))))?;
    Ok(Stored { value, rev })
}

/// A text attribute.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// A number attribute.
pub(crate) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
