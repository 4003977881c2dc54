//! `CopyObject`: a new object of the same bytes, none of which are copied.

use http::HeaderMap;
use s3s::{
    S3Request, S3Response,
    dto::{
        self, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETagCondition,
        MetadataDirective, Timestamp,
    },
};

use super::{MAX_IN_ONE_REQUEST, Service, checksums, put::refuse_unsupported};
use crate::{
    error::Outcome,
    refusals,
    store::{
        ConditionOutcome, Headers, NewObject, ObjectEventKind, ObjectRead, ReadConditions,
        StoreInner, WriteConditions,
        digest::{Algorithm, ChecksumType, ObjectChecksum},
    },
};

/// An object as a copy names it.
pub(super) struct Source {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) conditions: ReadConditions,
}

/// Reads the source of a copy from either input.
macro_rules! source {
    ($input:expr) => {
        $crate::service::copy::Source::named(
            &$input.copy_source,
            $crate::store::ReadConditions {
                if_match: $input.copy_source_if_match.clone(),
                if_none_match: $input.copy_source_if_none_match.clone(),
                if_modified_since: $input.copy_source_if_modified_since.clone(),
                if_unmodified_since: $input.copy_source_if_unmodified_since.clone(),
            },
        )
    };
}
pub(super) use source;

impl Source {
    pub(super) fn named(name: &CopySource, conditions: ReadConditions) -> Outcome<Self> {
        let CopySource::Bucket { bucket, key, version_id } = name else {
            return Err(refusals::not_implemented("copying from access points").into());
        };
        if version_id.as_deref().is_some_and(|version| version != "null") {
            return Err(refusals::no_such_version().into());
        }
        Ok(Self { bucket: bucket.to_string(), key: key.to_string(), conditions })
    }

    /// Finds it. A copy under a condition that does not hold fails, whichever the condition.
    pub(super) fn find(&self, store: &StoreInner) -> Outcome<ObjectRead> {
        let found = store.find(&self.bucket, &self.key, &self.conditions)?;
        match found.verdict {
            ConditionOutcome::Hold => Ok(found),
            ConditionOutcome::Fail | ConditionOutcome::NotModified => {
                Err(refusals::precondition_failed().into())
            }
        }
    }
}

impl Service {
    pub(super) async fn on_copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> Outcome<S3Response<CopyObjectOutput>> {
        refuse_unsupported(&request.headers)?;
        let conditions = write_conditions(&request.headers)?;
        let input = request.input;
        let result = self.store.run(move |store| copy(store, &input, conditions)).await?;
        let output =
            CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() };
        Ok(S3Response::new(output))
    }
}

/// The conditions on the destination, which this version of the protocol layer does not know for
/// copies.
fn write_conditions(headers: &HeaderMap) -> Outcome<WriteConditions> {
    let condition = |name: &str| {
        let Some(value) = headers.get(name) else { return Ok(None) };
        let condition = ETagCondition::parse_http_header(value.as_bytes());
        condition
            .map(Some)
            .map_err(|_| refusals::invalid_argument(format!("Invalid value of {name}")))
    };
    Ok(WriteConditions {
        if_match: condition("if-match")?,
        if_none_match: condition("if-none-match")?,
    })
}

fn copy(
    store: &StoreInner,
    input: &CopyObjectInput,
    conditions: WriteConditions,
) -> Outcome<CopyObjectResult> {
    let source = source!(input)?;
    let chosen = checksums::chosen(input.checksum_algorithm.as_ref())?;
    refuse_idle_copy(input, &source, chosen)?;
    let found = source.find(store)?;
    if found.object.size > MAX_IN_ONE_REQUEST {
        return Err(refusals::invalid_request(
            "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120",
        )
        .into());
    }
    // The copy is one piece, whatever the source was: its checksum and ETag are of all its bytes.
    let algorithm = chosen.unwrap_or(found.object.checksum.checksum.algorithm);
    let digests = found.digests(algorithm)?;
    let checksum = ObjectChecksum {
        checksum: digests.require(algorithm)?.clone(),
        kind: ChecksumType::FullObject,
    };
    let copied = store.write(|writing| {
        writing.publish(&NewObject {
            bucket: input.bucket.clone(),
            key: input.key.clone(),
            segments: found.reading.segments.clone(),
            size: digests.size,
            etag: digests.md5.clone(),
            checksum: checksum.clone(),
            headers: headers(input, &found),
            conditions,
            happening: ObjectEventKind::Copy,
        })
    })?;
    Ok(result(digests.md5, &checksum, copied))
}

fn result(etag: String, checksum: &ObjectChecksum, copied: Timestamp) -> CopyObjectResult {
    let mut result = CopyObjectResult {
        e_tag: Some(dto::ETag::Strong(etag)),
        last_modified: Some(copied),
        checksum_type: Some(checksums::kind(checksum)),
        ..CopyObjectResult::default()
    };
    checksums::tell!(result, checksum.checksum);
    result
}

fn replaces_metadata(input: &CopyObjectInput) -> bool {
    let directive = input.metadata_directive.as_ref();
    directive.is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE)
}

fn refuse_idle_copy(
    input: &CopyObjectInput,
    source: &Source,
    chosen: Option<Algorithm>,
) -> Outcome<()> {
    let is_onto_itself = source.bucket == input.bucket && source.key == input.key;
    if is_onto_itself && !replaces_metadata(input) && chosen.is_none() {
        return Err(refusals::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
             metadata, storage class, website redirect location or encryption attributes.",
        )
        .into());
    }
    Ok(())
}

fn headers(input: &CopyObjectInput, found: &ObjectRead) -> Headers {
    if !replaces_metadata(input) {
        return found.object.headers.clone();
    }
    Headers {
        content_type: input.content_type.clone(),
        cache_control: input.cache_control.clone(),
        content_disposition: input.content_disposition.clone(),
        content_encoding: input.content_encoding.clone(),
        content_language: input.content_language.clone(),
        metadata: input.metadata.clone().unwrap_or_default().into_iter().collect(),
    }
}
