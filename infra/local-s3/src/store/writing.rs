//! One durable change of the metadata, and the garbage it leaves.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{
    blobs::{Blobs, FreshBlob},
    content::{self, Segment},
    digest::{Algorithm, Digests},
    now_ms,
    pins::Pins,
};
use crate::{Error, error::Outcome, refusals};

/// A transaction that knows which blobs it may have orphaned. Dropping it undoes everything.
pub(crate) struct WriteTransaction<'a> {
    pub(super) transaction: Transaction<'a>,
    pub(super) notify_prefix: &'a str,
    /// When all of it happens.
    pub(super) now_ms: i64,
    pub(super) freed: BTreeSet<i64>,
    pub(super) announced: bool,
    /// Files that stay only if this commits.
    fresh: Vec<FreshBlob>,
}

/// What is left to do after a change became durable.
pub(super) struct CommitEffects {
    pub(super) garbage: Vec<String>,
    pub(super) announced: bool,
}

impl<'a> WriteTransaction<'a> {
    pub(super) fn begin(connection: &'a mut Connection, notify_prefix: &'a str) -> Outcome<Self> {
        Ok(Self {
            transaction: connection.transaction_with_behavior(TransactionBehavior::Immediate)?,
            notify_prefix,
            now_ms: now_ms(),
            freed: BTreeSet::new(),
            announced: false,
            fresh: Vec::new(),
        })
    }

    pub(super) fn commit(self, pins: &Pins) -> Outcome<CommitEffects> {
        let mut garbage = Vec::new();
        for blob in pins.unread(self.freed) {
            garbage.extend(remove_if_unused(&self.transaction, blob)?);
        }
        self.transaction.commit()?;
        self.fresh.into_iter().for_each(FreshBlob::keep);
        Ok(CommitEffects { garbage, announced: self.announced })
    }

    /// Takes a blob into the metadata, as one segment.
    pub(crate) fn adopt(&mut self, blob: FreshBlob, digests: &Digests) -> Outcome<Segment> {
        let known =
            |algorithm| digests.checksum(algorithm).map_or("", |checksum| checksum.value.as_str());
        self.transaction
            .prepare_cached("INSERT INTO blobs (file, size, md5, sha256, crc64nvme) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![blob.name, digests.size, digests.md5, known(Algorithm::Sha256), known(Algorithm::Crc64Nvme)])?;
        let id = self.transaction.last_insert_rowid();
        let segment = Segment { blob: id, file: blob.name.clone(), start: 0, length: digests.size };
        self.fresh.push(blob);
        Ok(segment)
    }

    /// Creates a bucket, or refuses because it exists.
    pub(crate) fn create_bucket(&mut self, bucket: &str) -> Outcome<()> {
        let created = self
            .transaction
            .prepare_cached(
                "INSERT INTO buckets (name, created_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![bucket, self.now_ms])?;
        if created == 0 {
            return Err(refusals::bucket_exists().into());
        }
        Ok(())
    }

    /// Removes a content, remembering which blobs that may have orphaned.
    pub(super) fn remove_content(&mut self, content: i64) -> Outcome<()> {
        content::remove(&self.transaction, content, &mut self.freed)
    }
}

/// Refuses if there is no such bucket.
pub(super) fn require_bucket(connection: &Connection, bucket: &str) -> Outcome<()> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM buckets WHERE name = ?1")?;
    if statement.exists([bucket])? {
        return Ok(());
    }
    Err(refusals::no_such_bucket(bucket).into())
}

/// Removes what belongs to nothing: rows of blobs that no segment names, and files that no row
/// names.
pub(super) fn sweep(connection: &Connection, blobs: &Blobs) -> Result<(), Error> {
    connection.execute("DELETE FROM blobs WHERE id NOT IN (SELECT blob FROM segments)", [])?;
    let mut statement = connection.prepare("SELECT file FROM blobs")?;
    let known: BTreeSet<String> =
        statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(blobs.sweep(|name| known.contains(name))?)
}

fn remove_if_unused(connection: &Connection, blob: i64) -> Outcome<Option<String>> {
    let mut statement = connection
        .prepare_cached("DELETE FROM blobs WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM segments WHERE blob = ?1) RETURNING file")?;
    Ok(statement.query_row([blob], |row| row.get(0)).optional()?)
}
