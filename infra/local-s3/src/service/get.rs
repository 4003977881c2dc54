//! `GetObject`, `HeadObject`.

use std::ops::Range;

use http::{HeaderMap, StatusCode};
use s3s::{
    S3Request, S3Response,
    dto::{
        self, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, StreamingBlob,
    },
};

use super::{Service, StatusOverride, checksums};
use crate::{
    error::Outcome,
    refusals,
    store::{ConditionOutcome, Object, ObjectRead, ReadConditions},
};

/// The content type of objects that were written without one.
const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// What `GetObject` and `HeadObject` have in common.
struct GetRequest {
    bucket: String,
    key: String,
    conditions: ReadConditions,
    range: Option<dto::Range>,
    wants_checksum: bool,
}

/// Which bytes are answered, and how.
struct Selection {
    bytes: Range<u64>,
    /// Set if the client asked for a range.
    content_range: Option<String>,
    status: Option<StatusCode>,
    headers: HeaderMap,
}

/// The part of either input that says what is wanted.
macro_rules! demand {
    ($input:expr) => {
        GetRequest {
            bucket: $input.bucket,
            key: $input.key,
            conditions: ReadConditions {
                if_match: $input.if_match,
                if_none_match: $input.if_none_match,
                if_modified_since: $input.if_modified_since,
                if_unmodified_since: $input.if_unmodified_since,
            },
            range: $input.range,
            wants_checksum: $input
                .checksum_mode
                .is_some_and(|mode| mode.as_str() == dto::ChecksumMode::ENABLED),
        }
    };
}

/// The part of either output that describes the object.
macro_rules! describe {
    ($output:ident, $object:expr, $selection:expr) => {{
        let object: &Object = &$object;
        let headers = object.headers.clone();
        $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control,
            content_disposition: headers.content_disposition,
            content_encoding: headers.content_encoding,
            content_language: headers.content_language,
            content_length: $selection.length(),
            content_range: $selection.content_range.clone(),
            content_type: Some(
                headers.content_type.unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned()),
            ),
            e_tag: Some(dto::ETag::Strong(object.etag.clone())),
            last_modified: Some(object.modified()),
            metadata: Some(headers.metadata.into_iter().collect()),
            ..$output::default()
        }
    }};
}

impl Service {
    pub(super) async fn on_get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> Outcome<S3Response<GetObjectOutput>> {
        let input = request.input;
        refuse_versions(input.version_id.as_deref(), input.part_number)?;
        let (found, selection) = self.find(demand!(input)).await?;
        let mut output = describe!(GetObjectOutput, found.object, selection);
        if found.verdict == ConditionOutcome::Hold {
            let reading = found.reading.only(&selection.bytes);
            output.body = Some(StreamingBlob::wrap(reading.into_stream()));
        }
        Ok(answer(output, selection))
    }

    pub(super) async fn on_head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> Outcome<S3Response<HeadObjectOutput>> {
        let input = request.input;
        refuse_versions(input.version_id.as_deref(), input.part_number)?;
        // For `GetObject` the protocol layer does this; on S3 both do.
        let (content_type, disposition) =
            (input.response_content_type.clone(), input.response_content_disposition.clone());
        let (found, selection) = self.find(demand!(input)).await?;
        let mut output = describe!(HeadObjectOutput, found.object, selection);
        output.content_type = content_type.or(output.content_type);
        output.content_disposition = disposition.or(output.content_disposition);
        Ok(answer(output, selection))
    }

    async fn find(&self, demand: GetRequest) -> Outcome<(ObjectRead, Selection)> {
        self.store
            .run(move |store| {
                let found = store.find(&demand.bucket, &demand.key, &demand.conditions)?;
                let selection = select(&demand, &found)?;
                Ok((found, selection))
            })
            .await
    }
}

fn select(demand: &GetRequest, found: &ObjectRead) -> Outcome<Selection> {
    let object = &found.object;
    let mut selection = Selection {
        bytes: 0..object.size,
        content_range: None,
        status: None,
        headers: HeaderMap::new(),
    };
    match found.verdict {
        ConditionOutcome::Fail => return Err(refusals::precondition_failed().into()),
        ConditionOutcome::NotModified => {
            selection.status = Some(StatusCode::NOT_MODIFIED);
            return Ok(selection);
        }
        ConditionOutcome::Hold => {}
    }
    match &demand.range {
        Some(range) => selection.restrict(range, object.size)?,
        // The checksum is that of the whole object, so it goes with the whole object only.
        None if demand.wants_checksum => {
            selection.headers = checksums::object_headers(&object.checksum);
        }
        None => {}
    }
    Ok(selection)
}

impl Selection {
    fn restrict(&mut self, range: &dto::Range, size: u64) -> Outcome<()> {
        let satisfiable = range.check(size).ok().filter(|bytes| !bytes.is_empty());
        self.bytes = satisfiable.ok_or_else(refusals::invalid_range)?;
        self.content_range =
            Some(format!("bytes {}-{}/{size}", self.bytes.start, self.bytes.end - 1));
        self.status = Some(StatusCode::PARTIAL_CONTENT);
        Ok(())
    }

    fn length(&self) -> Option<i64> {
        // Told about what is sent; nothing is sent of what the client has.
        let is_sent = self.status != Some(StatusCode::NOT_MODIFIED);
        is_sent.then(|| i64::try_from(self.bytes.end - self.bytes.start).ok()).flatten()
    }
}

fn answer<T>(output: T, selection: Selection) -> S3Response<T> {
    let mut response = S3Response::with_headers(output, selection.headers);
    // The protocol layer does not look at `response.status` for these operations.
    if let Some(status) = selection.status {
        response.extensions.insert(StatusOverride(status));
    }
    response
}

/// There is one version of everything, which S3 calls `null`.
fn refuse_versions(version: Option<&str>, part: Option<i32>) -> Outcome<()> {
    if version.is_some_and(|version| version != "null") {
        return Err(refusals::no_such_version().into());
    }
    if part.is_some() {
        return Err(refusals::not_implemented("reading by part number").into());
    }
    Ok(())
}
