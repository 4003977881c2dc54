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
pub struct Stored<T> {
    /// The entity.
    pub value: T,
    /// The revision of its row: what a writer has to name.
    pub rev: u64,
}

/// A row to be written.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    item: Item,
}

impl Row {
    /// The first revision of a row.
    pub(crate) fn first<T: StoredEntity>(key: Key, value: &T) -> Result<Self> {
        Self::at(key, value, 1)
    }

    /// Revision `rev` of a row.
    pub(crate) fn at<T: StoredEntity>(key: Key, value: &T, rev: u64) -> Result<Self> {
        let mut item = into_item(key);
        item.insert(DOC.to_owned(), AttributeValue::S(rows::write(value)?));
        if T::FORM > FIRST_FORM {
            item.insert(FORM.to_owned(), AttributeValue::N(T::FORM.to_string()));
        }
        item.insert(REV.to_owned(), AttributeValue::N(rev.to_string()));
        Ok(Self { item })
    }

    /// Lists the row in an index.
    pub(crate) fn listed(self, (index, key): (Index, Key)) -> Self {
        let (pk, sk) = index.keys();
        self.with(pk, AttributeValue::S(key.pk)).with(sk, AttributeValue::S(key.sk))
    }

    /// Lets DynamoDB delete the row some time after `end`.
    pub(crate) fn until(self, end: Timestamp) -> Self {
        self.with(TTL, AttributeValue::N(end.as_second().to_string()))
    }

    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.item.insert(name.to_owned(), value);
        self
    }

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
