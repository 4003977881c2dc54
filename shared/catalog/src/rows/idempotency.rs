//! The row of an idempotency key.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::StoredText;
use crate::idempotency::{IdempotencyEntry, StoredResponse};

impl StoredEntity for IdempotencyEntry {
    type Row<'a> = IdempotencyRow<'a>;

    fn to_row(&self) -> IdempotencyRow<'_> {
        self.into()
    }

    fn from_row(row: IdempotencyRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An idempotency key: the request that brought it, and its response.
#[derive(Serialize, Deserialize)]
pub(crate) struct IdempotencyRow<'a> {
    request: Cow<'a, str>,
    answer: Option<ResponseRow<'a>>,
}

impl<'a> From<&'a IdempotencyEntry> for IdempotencyRow<'a> {
    fn from(value: &'a IdempotencyEntry) -> Self {
        Self { request: value.request.to_text(), answer: value.answer.as_ref().map(Into::into) }
    }
}

impl TryFrom<IdempotencyRow<'_>> for IdempotencyEntry {
    type Error = Error;

    fn try_from(row: IdempotencyRow<'_>) -> Result<Self> {
        Ok(Self {
            request: StoredText::from_text(row.request)?,
            answer: row.answer.map(Into::into),
        })
    }
}

/// A response, as it was sent.
#[derive(Serialize, Deserialize)]
pub(crate) struct ResponseRow<'a> {
    status: u16,
    headers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    body: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Timestamp>,
}

impl<'a> From<&'a StoredResponse> for ResponseRow<'a> {
    fn from(value: &'a StoredResponse) -> Self {
        let headers = value.headers.iter().map(|(name, text)| (name.into(), text.into()));
        Self {
            status: value.status,
            headers: headers.collect(),
            body: value.body.as_str().into(),
            valid_until: value.valid_until,
        }
    }
}

impl From<ResponseRow<'_>> for StoredResponse {
    fn from(row: ResponseRow<'_>) -> Self {
        let headers = row.headers.into_iter();
        Self {
            status: row.status,
            headers: headers.map(|(name, text)| (name.into_owned(), text.into_owned())).collect(),
            body: row.body.into_owned(),
            valid_until: row.valid_until,
        }
    }
}
