//! Contents: sequences of segments of blobs.

use std::{collections::BTreeSet, ops::Range};

use rusqlite::{Connection, params};

use super::digest::{Algorithm, Checksum, Digests};
use crate::error::Outcome;

/// A run of bytes inside one blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) blob: i64,
    pub(crate) file: String,
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// The segments of a content, in order.
pub(super) fn load(connection: &Connection, content: i64) -> Outcome<Vec<Segment>> {
    let mut statement = connection.prepare_cached(
        "SELECT blob, file, start, length FROM segments JOIN blobs ON blobs.id = blob WHERE content = ?1 ORDER BY position",
    )?;
    let segments = statement.query_map([content], |row| {
        Ok(Segment {
            blob: row.get(0)?,
            file: row.get(1)?,
            start: row.get(2)?,
            length: row.get(3)?,
        })
    })?;
    Ok(segments.collect::<Result<_, _>>()?)
}

/// Makes a new content of segments that exist.
pub(super) fn create(connection: &Connection, segments: &[Segment]) -> Outcome<i64> {
    connection.prepare_cached("INSERT INTO contents DEFAULT VALUES")?.execute([])?;
    let content = connection.last_insert_rowid();
    let mut statement = connection.prepare_cached(
        "INSERT INTO segments (content, position, blob, start, length) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (position, segment) in segments.iter().enumerate() {
        statement.execute(params![
            content,
            position,
            segment.blob,
            segment.start,
            segment.length
        ])?;
    }
    Ok(content)
}

/// Removes a content and tells which blobs may have become garbage.
pub(super) fn remove(
    connection: &Connection,
    content: i64,
    freed: &mut BTreeSet<i64>,
) -> Outcome<()> {
    let mut statement =
        connection.prepare_cached("SELECT blob FROM segments WHERE content = ?1")?;
    for blob in statement.query_map([content], |row| row.get(0))? {
        freed.insert(blob?);
    }
    connection.prepare_cached("DELETE FROM contents WHERE id = ?1")?.execute([content])?;
    Ok(())
}

/// The digests of these segments if they are exactly one whole blob: they were computed when it was
/// written.
pub(super) fn known_digests(
    connection: &Connection,
    segments: &[Segment],
) -> Outcome<Option<Digests>> {
    let [only] = segments else { return Ok(None) };
    let mut statement = connection
        .prepare_cached("SELECT size, md5, sha256, crc64nvme FROM blobs WHERE id = ?1")?;
    let digests = statement.query_row([only.blob], |row| {
        let checksums = vec![
            Checksum { algorithm: Algorithm::Sha256, value: row.get(2)? },
            Checksum { algorithm: Algorithm::Crc64Nvme, value: row.get(3)? },
        ];
        Ok(Digests::new(row.get(0)?, row.get(1)?, checksums))
    })?;
    Ok((digests.size == only.length).then_some(digests))
}

/// The segments that make up a range of the bytes that `segments` make up.
pub(crate) fn cut(segments: Vec<Segment>, range: &Range<u64>) -> Vec<Segment> {
    let mut position = 0;
    let mut inside = Vec::new();
    for segment in segments {
        let here = position..position + segment.length;
        position = here.end;
        let (first, end) = (range.start.max(here.start), range.end.min(here.end));
        if first < end {
            inside.push(Segment {
                start: segment.start + (first - here.start),
                length: end - first,
                ..segment
            });
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(blob: i64, start: u64, length: u64) -> Segment {
        Segment { blob, file: String::new(), start, length }
    }

    #[test]
    fn a_cut_takes_the_bytes_of_the_range_and_no_others() {
        let whole = vec![segment(1, 0, 10), segment(2, 5, 10), segment(3, 0, 10)];
        assert_eq!(
            cut(whole.clone(), &(8..21)),
            [segment(1, 8, 2), segment(2, 5, 10), segment(3, 0, 1)]
        );
        assert_eq!(cut(whole.clone(), &(10..20)), [segment(2, 5, 10)]);
        assert_eq!(cut(whole.clone(), &(0..30)), whole);
        assert_eq!(cut(whole, &(4..4)), []);
    }
}
