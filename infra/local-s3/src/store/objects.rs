//! Objects: what a key of a bucket means.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use s3s::dto::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    conditions::WriteConditions,
    content::{self, Segment},
    digest::ObjectChecksum,
    events::ObjectEventKind,
    writing::{WriteTransaction, require_bucket},
};
use crate::{error::Outcome, refusals};

/// The headers kept with an object and given back with it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Headers {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// An object as the metadata knows it.
#[derive(Debug)]
pub(crate) struct Object {
    pub(super) content: i64,
    pub(crate) size: u64,
    /// Without the quotes.
    pub(crate) etag: String,
    modified_ms: i64,
    pub(crate) checksum: ObjectChecksum,
    pub(crate) headers: Headers,
}

impl Object {
    pub(crate) const COLUMNS: &'static str = "content, size, etag, modified_ms, checksum, headers";

    /// Reads the [`Self::COLUMNS`] from a row, starting at column `first`.
    pub(super) fn from_row(row: &Row<'_>, first: usize) -> Outcome<Self> {
        let (checksum, headers): (String, String) = (row.get(first + 4)?, row.get(first + 5)?);
        Ok(Self {
            content: row.get(first)?,
            size: row.get(first + 1)?,
            etag: row.get(first + 2)?,
            modified_ms: row.get(first + 3)?,
            checksum: serde_json::from_str(&checksum)?,
            headers: serde_json::from_str(&headers)?,
        })
    }

    /// When it was written.
    pub(crate) fn modified(&self) -> Timestamp {
        time_of(self.modified_ms)
    }

    /// Whether it was written after a date, to the second, which is all that HTTP dates can say.
    pub(super) fn is_modified_since(&self, date: &Timestamp) -> bool {
        time_of(self.modified_ms.div_euclid(1000) * 1000) > *date
    }
}

/// An object to be written.
pub(crate) struct NewObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) segments: Vec<Segment>,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) checksum: ObjectChecksum,
    pub(crate) headers: Headers,
    pub(crate) conditions: WriteConditions,
    pub(crate) happening: ObjectEventKind,
}

/// The object of a key. Refuses if there is no such bucket.
pub(super) fn find(connection: &Connection, bucket: &str, key: &str) -> Outcome<Option<Object>> {
    require_bucket(connection, bucket)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {} FROM objects WHERE bucket = ?1 AND key = ?2",
        Object::COLUMNS
    ))?;
    let object =
        statement.query_row([bucket, key], |row| Ok(Object::from_row(row, 0))).optional()?;
    object.transpose()
}

/// The object of a key. Refuses if there is none.
pub(super) fn require(connection: &Connection, bucket: &str, key: &str) -> Outcome<Object> {
    find(connection, bucket, key)?.ok_or_else(|| refusals::no_such_key().into())
}

impl WriteTransaction<'_> {
    /// Puts an object in the place of whatever the key meant, and announces it. Answers when it was
    /// written.
    pub(crate) fn publish(&mut self, new: &NewObject) -> Outcome<Timestamp> {
        let existing = find(&self.transaction, &new.bucket, &new.key)?;
        new.conditions.check(existing.as_ref())?;
        self.put_row(new)?;
        if let Some(replaced) = existing {
            self.remove_content(replaced.content)?;
        }
        self.announce(new)?;
        Ok(time_of(self.now_ms))
    }

    fn put_row(&mut self, new: &NewObject) -> Outcome<()> {
        let content = content::create(&self.transaction, &new.segments)?;
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO objects (bucket, key, content, size, etag, modified_ms, checksum, headers)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                new.bucket,
                new.key,
                content,
                new.size,
                new.etag,
                self.now_ms,
                serde_json::to_string(&new.checksum)?,
                serde_json::to_string(&new.headers)?,
            ])?;
        Ok(())
    }

    /// Makes a key mean nothing. Deleting what is not there succeeds, unless a condition says it
    /// must be.
    pub(crate) fn delete(
        &mut self,
        bucket: &str,
        key: &str,
        conditions: &WriteConditions,
    ) -> Outcome<()> {
        let existing = find(&self.transaction, bucket, key)?;
        conditions.check(existing.as_ref())?;
        let Some(object) = existing else { return Ok(()) };
        self.transaction
            .prepare_cached("DELETE FROM objects WHERE bucket = ?1 AND key = ?2")?
            .execute([bucket, key])?;
        self.remove_content(object.content)
    }
}

/// A time of the metadata, as the protocol writes it.
pub(super) fn time_of(ms: i64) -> Timestamp {
    let since = Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    Timestamp::from(UNIX_EPOCH.checked_add(since).unwrap_or_else(SystemTime::now))
}
