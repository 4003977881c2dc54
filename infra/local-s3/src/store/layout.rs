//! The layout of the metadata database.

use std::path::Path;

use rusqlite::Connection;

use crate::Error;

/// Raised whenever [`TABLES`] changes. Local data is not worth migrations: another layout is
/// refused at open.
const LAYOUT: i64 = 1;

/// `blobs` are files; `contents` are sequences of `segments` of blobs, so that copies and completed
/// uploads share bytes instead of copying them. A blob no segment names is garbage.
const TABLES: &str = "
CREATE TABLE buckets (
    name TEXT PRIMARY KEY,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blobs (
    id INTEGER PRIMARY KEY,
    file TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    md5 TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    crc64nvme TEXT NOT NULL
) STRICT;

CREATE TABLE contents (id INTEGER PRIMARY KEY) STRICT;

CREATE TABLE segments (
    content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
    position INTEGER NOT NULL,
    blob INTEGER NOT NULL REFERENCES blobs,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (content, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX segments_by_blob ON segments (blob);

CREATE TABLE objects (
    bucket TEXT NOT NULL REFERENCES buckets,
    key TEXT NOT NULL,
    content INTEGER NOT NULL REFERENCES contents,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_ms INTEGER NOT NULL,
    checksum TEXT NOT NULL,
    headers TEXT NOT NULL,
    PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL REFERENCES buckets,
    key TEXT NOT NULL,
    algorithm TEXT,
    kind TEXT NOT NULL,
    initiated_ms INTEGER NOT NULL,
    headers TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX uploads_by_key ON uploads (bucket, key, id);

CREATE TABLE parts (
    upload TEXT NOT NULL REFERENCES uploads ON DELETE CASCADE,
    number INTEGER NOT NULL,
    content INTEGER NOT NULL REFERENCES contents,
    size INTEGER NOT NULL,
    md5 TEXT NOT NULL,
    checksum TEXT NOT NULL,
    modified_ms INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    bucket TEXT NOT NULL,
    key TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    recorded_ms INTEGER NOT NULL
) STRICT;
";

/// Opens the database, creating its tables in an empty one. A transaction that has committed
/// survives the loss of power.
pub(super) fn open(file: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    match connection.pragma_query_value(None, "user_version", |row| row.get(0))? {
        LAYOUT => {}
        0 => create(&connection)?,
        found => return Err(Error::Layout { found, known: LAYOUT }),
    }
    Ok(connection)
}

fn create(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {LAYOUT}; COMMIT;"
    ))?;
    Ok(())
}
