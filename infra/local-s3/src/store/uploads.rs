//! Multipart uploads: begun, completed, aborted, listed.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use s3s::dto::Timestamp;
use uuid::Uuid;

use super::{
    NewObject, Segment, StoreInner, WriteConditions, WriteTransaction, content,
    digest::{self, Algorithm, Checksum, ChecksumType, ObjectChecksum, PartDigest},
    events::ObjectEventKind,
    objects::{Headers, time_of},
    parts::{self, Part},
    writing::require_bucket,
};
use crate::{error::Outcome, refusals};

/// The least size of every part but the last.
const MIN_PART_SIZE: u64 = 5 * 1024 * 1024;

/// A multipart upload that is neither completed nor aborted.
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) key: String,
    /// The algorithm the client chose, if it did.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) kind: ChecksumType,
    initiated_ms: i64,
    headers: Headers,
}

impl Upload {
    const COLUMNS: &'static str = "id, key, algorithm, kind, initiated_ms, headers";

    fn from_row(row: &Row<'_>) -> Outcome<Self> {
        let (algorithm, kind, headers): (Option<String>, String, String) =
            (row.get(2)?, row.get(3)?, row.get(5)?);
        Ok(Self {
            id: row.get(0)?,
            key: row.get(1)?,
            algorithm: algorithm.as_deref().and_then(Algorithm::named),
            kind: if kind == ChecksumType::Composite.name() {
                ChecksumType::Composite
            } else {
                ChecksumType::FullObject
            },
            initiated_ms: row.get(4)?,
            headers: serde_json::from_str(&headers)?,
        })
    }

    /// The algorithm whose checksum is kept with every part. If the client chose none, the one S3
    /// chooses.
    pub(crate) fn part_algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(Algorithm::Crc64Nvme)
    }

    /// Refuses a part whose sender did not send the checksum that the upload is about.
    pub(crate) fn require_claim(&self, claimed: Option<Algorithm>) -> Outcome<()> {
        let Some(expected) = self.algorithm else { return Ok(()) };
        if claimed == Some(expected) {
            return Ok(());
        }
        let actual = claimed.map_or("null", Algorithm::name);
        let message = format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            expected.name().to_lowercase(),
            actual.to_lowercase()
        );
        Err(refusals::invalid_request(message).into())
    }

    pub(crate) fn initiated(&self) -> Timestamp {
        time_of(self.initiated_ms)
    }
}

/// The upload of that id, if it is of that key. Refuses if there is none.
pub(super) fn require(
    connection: &Connection,
    bucket: &str,
    key: &str,
    id: &str,
) -> Outcome<Upload> {
    require_bucket(connection, bucket)?;
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {} FROM uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3",
        Upload::COLUMNS
    ))?;
    let upload =
        statement.query_row([id, bucket, key], |row| Ok(Upload::from_row(row))).optional()?;
    upload.ok_or_else(refusals::no_such_upload)?
}

/// A part as the client names it when it completes an upload.
pub(crate) struct NamedPart {
    pub(crate) number: i32,
    pub(crate) etag: String,
    pub(crate) checksums: Vec<Checksum>,
}

/// What the client says when it completes an upload.
pub(crate) struct Completion {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) upload: String,
    pub(crate) parts: Vec<NamedPart>,
    pub(crate) conditions: WriteConditions,
    /// What it expects the whole to be.
    pub(crate) checksum: Option<Checksum>,
    pub(crate) size: Option<u64>,
}

impl WriteTransaction<'_> {
    /// Begins an upload and answers its id. Ids grow with time.
    pub(crate) fn begin_upload(
        &mut self,
        bucket: &str,
        key: &str,
        algorithm: Option<Algorithm>,
        kind: ChecksumType,
        headers: &Headers,
    ) -> Outcome<String> {
        require_bucket(&self.transaction, bucket)?;
        let id = Uuid::now_v7().simple().to_string();
        self.transaction
            .prepare_cached(
                "INSERT INTO uploads (id, bucket, key, algorithm, kind, initiated_ms, headers)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                id,
                bucket,
                key,
                algorithm.map(Algorithm::name),
                kind.name(),
                self.now_ms,
                serde_json::to_string(headers)?
            ])?;
        Ok(id)
    }

    /// The upload of that id. Refuses if there is none.
    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Outcome<Upload> {
        require(&self.transaction, bucket, key, id)
    }

    /// Forgets an upload and its parts.
    pub(crate) fn abort(&mut self, bucket: &str, key: &str, id: &str) -> Outcome<()> {
        self.upload(bucket, key, id)?;
        let contents = parts::contents(&self.transaction, id)?;
        self.transaction.prepare_cached("DELETE FROM uploads WHERE id = ?1")?.execute([id])?;
        contents.into_iter().try_for_each(|content| self.remove_content(content))
    }

    /// Makes an object of the named parts, in the place of whatever the key meant, and forgets the
    /// upload.
    pub(crate) fn complete(&mut self, completion: Completion) -> Outcome<(String, ObjectChecksum)> {
        let upload = self.upload(&completion.bucket, &completion.key, &completion.upload)?;
        let uploaded = parts::load(&self.transaction, &upload.id)?;
        let parts = choose(&upload, uploaded, &completion.parts)?;
        let (etag, checksum) = whole(&upload, &parts)?;
        let size = parts.iter().map(|part| part.size).sum();
        verify(&completion, &checksum, size)?;
        self.publish(&NewObject {
            segments: self.segments_of(&parts)?,
            size,
            etag: etag.clone(),
            checksum: checksum.clone(),
            headers: upload.headers,
            conditions: completion.conditions,
            happening: ObjectEventKind::CompleteMultipartUpload,
            bucket: completion.bucket.clone(),
            key: completion.key.clone(),
        })?;
        self.abort(&completion.bucket, &completion.key, &upload.id)?;
        Ok((etag, checksum))
    }

    fn segments_of(&self, parts: &[Part]) -> Outcome<Vec<Segment>> {
        let mut segments = Vec::new();
        for part in parts {
            segments.extend(content::load(&self.transaction, part.content)?);
        }
        Ok(segments)
    }
}

/// The uploaded parts that the client names, in its order, which must be that of their numbers.
fn choose(upload: &Upload, uploaded: Vec<Part>, named: &[NamedPart]) -> Outcome<Vec<Part>> {
    if named.is_empty() {
        return Err(refusals::malformed_xml().into());
    }
    if !named.is_sorted_by(|one, next| one.number < next.number) {
        return Err(refusals::invalid_part_order().into());
    }
    let mut uploaded = uploaded.into_iter();
    let mut chosen = Vec::with_capacity(named.len());
    for name in named {
        let part = uploaded
            .find(|part| part.number == name.number && part.md5 == name.etag)
            .ok_or_else(refusals::invalid_part)?;
        check_named_checksum(upload, name, &part)?;
        chosen.push(part);
    }
    if let Some((_last, others)) = chosen.split_last()
        && others.iter().any(|part| part.size < MIN_PART_SIZE)
    {
        return Err(refusals::entity_too_small().into());
    }
    Ok(chosen)
}

fn check_named_checksum(upload: &Upload, name: &NamedPart, part: &Part) -> Outcome<()> {
    let Some(algorithm) = upload.algorithm else { return Ok(()) };
    match name.checksums.iter().find(|checksum| checksum.algorithm == algorithm) {
        Some(checksum) if checksum.value == part.checksum => Ok(()),
        Some(_) => Err(refusals::invalid_part().into()),
        None if upload.kind == ChecksumType::FullObject => Ok(()),
        None => Err(refusals::invalid_request(format!(
            "The upload was created using a {} checksum. The complete request must include the checksum for each part. It \
             was missing for part {} in the request.",
            algorithm.name().to_lowercase(),
            name.number
        ))
        .into()),
    }
}

fn whole(upload: &Upload, parts: &[Part]) -> Outcome<(String, ObjectChecksum)> {
    let digests: Vec<PartDigest<'_>> = parts
        .iter()
        .map(|part| PartDigest { size: part.size, md5: &part.md5, checksum: &part.checksum })
        .collect();
    let checksum =
        digest::of_parts(upload.part_algorithm(), upload.kind, &digests).ok_or_else(|| {
            refusals::invalid_request(
                "The checksum of the parts cannot be made into that of the whole.",
            )
        })?;
    Ok((digest::multipart_etag(&digests), checksum))
}

fn verify(completion: &Completion, actual: &ObjectChecksum, size: u64) -> Outcome<()> {
    if completion.size.is_some_and(|expected| expected != size) {
        let message = format!(
            "The provided 'x-amz-mp-object-size' header does not match what was computed: {size}"
        );
        return Err(refusals::invalid_request(message).into());
    }
    match &completion.checksum {
        Some(expected) if *expected != actual.checksum => {
            Err(refusals::bad_digest(expected.algorithm.name()).into())
        }
        _ => Ok(()),
    }
}

/// A page of uploads, by key and then by age.
pub(crate) struct UploadsPage {
    pub(crate) uploads: Vec<Upload>,
    pub(crate) is_truncated: bool,
}

impl StoreInner {
    /// Lists uploads under a prefix that come after `(key, upload id)`. Refuses if there is no such
    /// bucket.
    pub(crate) fn uploads(
        &self,
        bucket: &str,
        prefix: &str,
        after: (&str, &str),
        limit: usize,
    ) -> Outcome<UploadsPage> {
        self.read(|connection| {
            require_bucket(connection, bucket)?;
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {} FROM uploads WHERE bucket = ?1 AND (key, id) > (?2, ?3) AND key >= ?4 ORDER BY key, id",
                Upload::COLUMNS
            ))?;
            let mut rows = statement.query(params![bucket, after.0, after.1, prefix])?;
            let mut uploads = Vec::new();
            while let Some(row) = rows.next()? {
                let upload = Upload::from_row(row)?;
                if !upload.key.starts_with(prefix) {
                    break;
                }
                if uploads.len() >= limit {
                    return Ok(UploadsPage { uploads, is_truncated: limit > 0 });
                }
                uploads.push(upload);
            }
            Ok(UploadsPage { uploads, is_truncated: false })
        })
    }
}
