//! Requests that may come twice and must happen once: the response is stored in the transaction
//! that makes the request's change, so that there is either both or neither.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use slipway_domain::{Code, Error, Result, Sha256};

use crate::schema::{self, Key, LEASE, TTL};
use crate::store::{Consistency, Item, Row, Stored, Table, Transaction, decode, number};

/// How long a response is kept.
const RESPONSE_LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A response, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers that belong to the response.
    pub headers: Vec<(String, String)>,
    /// The body, always text.
    pub body: String,
    /// Until when a repetition is answered so; `None` for as long as it is kept.
    pub valid_until: Option<Timestamp>,
}

/// The document of an idempotency record.
#[derive(Debug)]
pub(crate) struct IdempotencyEntry {
    pub(crate) request: Sha256,
    /// Version 0.1.0 claimed a key before it carried out the request, and wrote no response then.
    pub(crate) answer: Option<StoredResponse>,
}

/// A request that brings an idempotency key. Clones are the same request.
#[derive(Debug, Clone)]
pub struct IdempotentRequest {
    key: Key,
    digest: Sha256,
    now: Timestamp,
    stored: Arc<AtomicBool>,
}

/// The record of a request and its response, to be written with the request's change.
#[derive(Debug, Clone)]
pub struct IdempotencyRecord {
    request: IdempotentRequest,
    row: Row,
}

/// The records of idempotency keys.
#[derive(Debug, Clone)]
pub struct IdempotencyStore {
    table: Table,
}

impl IdempotentRequest {
    /// The request with the digest `digest` that `actor` sends at `now` to `operation`, with the
    /// idempotency key `key`.
    #[must_use]
    pub fn new(actor: &str, operation: &str, key: &str, digest: Sha256, now: Timestamp) -> Self {
        let key = schema::idempotency(actor, operation, key);
        Self { key, digest, now, stored: Arc::default() }
    }

    /// The record of this request with its response.
    ///
    /// # Errors
    /// `internal` for a response that can't be written.
    pub fn record(&self, response: StoredResponse) -> Result<IdempotencyRecord> {
        let entry = IdempotencyEntry { request: self.digest, answer: Some(response) };
        let end = self.now.saturating_add(RESPONSE_LIFETIME).map_err(Error::internal)?;
        let row = Row::new(self.key.clone(), &entry)?.expires_at(end);
        Ok(IdempotencyRecord { request: self.clone(), row })
    }

    /// Whether a transaction has stored the response.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.stored.load(Ordering::Acquire)
    }

    /// The response that `item` holds for this request, unless its time is over.
    fn response_in(&self, item: &Item) -> Result<Option<StoredResponse>> {
        let is_over = |end, now: i64| number(item, end).is_some_and(|end| end.cast_signed() <= now);
        if is_over(TTL, self.now.as_second()) || is_over(LEASE, self.now.as_millisecond()) {
            return Ok(None);
        }
        let Stored { value: entry, .. }: Stored<IdempotencyEntry> = decode(item)?;
        if entry.request != self.digest {
            return Err(conflict());
        }
        entry.answer.map(Some).ok_or_else(in_progress)
    }
}

impl IdempotencyRecord {
    /// Adds the record to `tx`. Where another request with this key was first, nothing is changed,
    /// and [`IdempotencyStore::find`] knows how it was answered.
    pub(crate) fn add_to<T>(&self, tx: &mut Transaction<'_, T>) -> Result<()> {
        let IdempotentRequest { now, stored, .. } = self.request.clone();
        tx.create_or_replace_expired(self.row.clone(), now)?.or(in_progress());
        tx.on_commit(move || stored.store(true, Ordering::Release));
        Ok(())
    }
}

impl IdempotencyStore {
    /// The records that are kept in `table`.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// How `request` was answered, as far as a read tells that may lag by some milliseconds and
    /// costs half.
    ///
    /// # Errors
    /// `idempotency_conflict` where its key came with another request.
    pub async fn find_eventually(
        &self,
        request: &IdempotentRequest,
    ) -> Result<Option<StoredResponse>> {
        self.read(request, Consistency::Eventual).await
    }

    /// How `request` was answered.
    ///
    /// # Errors
    /// `idempotency_conflict` where its key came with another request.
    pub async fn find(&self, request: &IdempotentRequest) -> Result<Option<StoredResponse>> {
        self.read(request, Consistency::Strong).await
    }

    async fn read(
        &self,
        request: &IdempotentRequest,
        consistency: Consistency,
    ) -> Result<Option<StoredResponse>> {
        match self.table.get_item(&request.key, consistency).await? {
            Some(item) => request.response_in(&item),
            None => Ok(None),
        }
    }

    /// Stores the response to a request that has changed nothing.
    ///
    /// # Errors
    /// `idempotency_in_progress` where another request with the key was first.
    pub async fn store(&self, record: &IdempotencyRecord) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                record.add_to(&mut tx)?;
                Ok(tx.returning(()))
            })
            .await
    }
}

fn conflict() -> Error {
    let message = "this key came with another request before; use a new key for a new request";
    Error::new(Code::IdempotencyConflict, message).at("Idempotency-Key")
}

fn in_progress() -> Error {
    let message = "another request with this key is being answered; ask again in a minute";
    Error::new(Code::IdempotencyInProgress, message).at("Idempotency-Key")
}
