//! The parts of multipart uploads.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use s3s::dto::Timestamp;

use super::{
    Segment, StoreInner, Upload, WriteTransaction, content, digest::Digests, objects::time_of,
    uploads,
};
use crate::error::Outcome;

/// A part that was uploaded.
pub(crate) struct Part {
    pub(crate) number: i32,
    pub(super) content: i64,
    pub(crate) size: u64,
    /// Its `ETag`.
    pub(crate) md5: String,
    /// Of [`Upload::part_algorithm`].
    pub(crate) checksum: String,
    modified_ms: i64,
}

impl Part {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            content: row.get(1)?,
            size: row.get(2)?,
            md5: row.get(3)?,
            checksum: row.get(4)?,
            modified_ms: row.get(5)?,
        })
    }

    pub(crate) fn modified(&self) -> Timestamp {
        time_of(self.modified_ms)
    }
}

/// A part to be kept.
pub(crate) struct NewPart<'a> {
    pub(crate) number: i32,
    pub(crate) segments: &'a [Segment],
    pub(crate) digests: &'a Digests,
}

/// All parts of an upload, by number.
pub(super) fn load(connection: &Connection, upload: &str) -> Outcome<Vec<Part>> {
    let mut statement = connection
        .prepare_cached("SELECT number, content, size, md5, checksum, modified_ms FROM parts WHERE upload = ?1 ORDER BY number")?;
    let parts = statement.query_map([upload], Part::from_row)?;
    Ok(parts.collect::<Result<_, _>>()?)
}

/// The contents of all parts of an upload.
pub(super) fn contents(connection: &Connection, upload: &str) -> Outcome<Vec<i64>> {
    Ok(load(connection, upload)?.into_iter().map(|part| part.content).collect())
}

impl WriteTransaction<'_> {
    /// Keeps a part, in the place of any other of its number. Answers when.
    pub(crate) fn put_part(&mut self, upload: &Upload, part: &NewPart<'_>) -> Outcome<Timestamp> {
        let checksum = part.digests.require(upload.part_algorithm())?;
        let replaced: Option<i64> = self
            .transaction
            .prepare_cached("SELECT content FROM parts WHERE upload = ?1 AND number = ?2")?
            .query_row(params![upload.id, part.number], |row| row.get(0))
            .optional()?;
        let content = content::create(&self.transaction, part.segments)?;
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO parts (upload, number, content, size, md5, checksum, modified_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![upload.id, part.number, content, part.digests.size, part.digests.md5, checksum.value, self.now_ms])?;
        if let Some(content) = replaced {
            self.remove_content(content)?;
        }
        Ok(time_of(self.now_ms))
    }
}

impl StoreInner {
    /// An upload and its parts with numbers above `after`, at most `limit`; and whether there are
    /// more.
    pub(crate) fn parts(
        &self,
        bucket: &str,
        key: &str,
        upload: &str,
        after: i32,
        limit: usize,
    ) -> Outcome<(Upload, Vec<Part>, bool)> {
        self.read(|connection| {
            let upload = uploads::require(connection, bucket, key, upload)?;
            let mut parts = load(connection, &upload.id)?;
            parts.retain(|part| part.number > after);
            let is_truncated = parts.len() > limit;
            parts.truncate(limit);
            Ok((upload, parts, is_truncated))
        })
    }

    /// The upload of that id. Refuses if there is none.
    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Outcome<Upload> {
        self.read(|connection| uploads::require(connection, bucket, key, id))
    }
}
