//! The records of the table's stream, where DynamoDB's engine keeps them.
//!
//! The engine keeps every record for ever, in a table of its SQLite file without an index: each
//! write would look at all of them for the next sequence number, and each read for those that are
//! new. This is a second connection to that file, which adds the index, trims as AWS does, and
//! tells whether anything was written.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use crate::Error;

/// How long AWS keeps a record.
const RETENTION: SignedDuration = SignedDuration::from_hours(24);
/// The most records that are deleted at once: requests wait meanwhile.
const PAGE: usize = 1000;
/// The engine's sequence numbers, which begin at 1, have 21 digits outside of it.
const SEQUENCE_NUMBER_OFFSET: u128 = 100_000_000_000_000_000_000;

/// The expression is the engine's own: an index on another one is of no use to its queries.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS slipway_stream_records_by_sequence
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Only the oldest are looked at, so that a page costs the same however many are kept. The last one
/// that was delivered stays: the next number follows from the greatest one there is.
const TRIM: &str = "DELETE FROM _stream_records WHERE id IN (
    SELECT id FROM (
        SELECT id, created_at FROM _stream_records
        WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2
        ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?4)
    WHERE created_at < ?3)";

/// The stream records of the engine's file.
#[derive(Clone)]
pub struct StreamRecords(Arc<Mutex<Connection>>);

impl StreamRecords {
    /// Those of `file`, which the engine has opened. Adds the index where it is missing.
    ///
    /// # Errors
    /// If the file is none of the engine's, or cannot be written.
    pub fn open(file: &Path) -> Result<Self, Error> {
        let connection = Connection::open(file)?;
        connection.execute_batch(INDEX)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// A number that changes whenever the engine has written. It is read from shared memory, not
    /// from the file.
    ///
    /// # Errors
    /// If SQLite says so.
    pub fn data_version(&self) -> Result<i64, Error> {
        Ok(self.with(|connection| {
            connection.pragma_query_value(None, "data_version", |row| row.get(0))
        })?)
    }

    /// Deletes the records of `table` that were older than 24 hours at `now` and come before the
    /// sequence number `delivered`. Unlike AWS it keeps what was not delivered: a stack that was
    /// stopped for a week has lost nothing. How many it has deleted.
    ///
    /// # Errors
    /// If `delivered` is no sequence number of the engine, or the file cannot be written.
    pub fn trim(&self, table: &str, delivered: &str, now: Timestamp) -> Result<usize, Error> {
        let delivered = stored(delivered)
            .ok_or_else(|| format!("`{delivered}` is no sequence number of the stream"))?;
        let oldest = (now - RETENTION).as_second();
        let mut trimmed = 0;
        loop {
            // A transaction for each page: one that is cut off leaves the others done.
            let page = self.with(|connection| {
                connection.execute(TRIM, params![table, delivered, oldest, PAGE])
            })?;
            trimmed += page;
            if page == 0 {
                return Ok(trimmed);
            }
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        work(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A sequence number as the engine stores it.
fn stored(public: &str) -> Option<i64> {
    i64::try_from(public.parse::<u128>().ok()?.checked_sub(SEQUENCE_NUMBER_OFFSET)?).ok()
}
