//! `UploadPart`, `UploadPartCopy`, `ListParts`.

use std::ops::Range;

use http::HeaderMap;
use s3s::{
    S3Request, S3Response,
    dto::{
        self, CopyPartResult, ListPartsInput, ListPartsOutput, UploadPartCopyInput,
        UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
    },
};

use super::{
    MAX_IN_ONE_REQUEST, Service, checksums,
    copy::source,
    receive::{IncomingBody, ReceivedBody},
};
use crate::{
    error::Outcome,
    refusals,
    store::{
        NewPart, Part, StoreInner, Upload, cut,
        digest::{Checksum, Digests},
    },
};

/// The numbers a part may have.
const PART_NUMBERS: std::ops::RangeInclusive<i32> = 1..=10_000;

/// How many parts a page has at most, and if the client does not say.
const MAX_PARTS: i32 = 1000;

impl Service {
    pub(super) async fn on_upload_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> Outcome<S3Response<UploadPartOutput>> {
        require_part_number(request.input.part_number)?;
        let (body, length) = (request.input.body.take(), request.input.content_length);
        let received =
            IncomingBody::announced(&request, body, length)?.receive(&self.store).await?;
        let headers = received.claim.as_ref().map(checksums::header).unwrap_or_default();
        let input = request.input;
        let digests = self.store.run(move |store| keep(store, &input, received)).await?;
        let output = UploadPartOutput {
            e_tag: Some(dto::ETag::Strong(digests.md5)),
            ..UploadPartOutput::default()
        };
        Ok(S3Response::with_headers(output, headers))
    }

    pub(super) async fn on_upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> Outcome<S3Response<UploadPartCopyOutput>> {
        let input = request.input;
        require_part_number(input.part_number)?;
        let result = self.store.run(move |store| copy(store, &input)).await?;
        let output = UploadPartCopyOutput {
            copy_part_result: Some(result),
            ..UploadPartCopyOutput::default()
        };
        Ok(S3Response::with_headers(output, HeaderMap::new()))
    }

    pub(super) async fn on_list_parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> Outcome<S3Response<ListPartsOutput>> {
        let input = request.input;
        let limit = input.max_parts.unwrap_or(MAX_PARTS).clamp(0, MAX_PARTS);
        let after = input.part_number_marker.unwrap_or_default();
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
        let (upload, parts, is_truncated) = self
            .store
            .run(move |store| {
                store.parts(&bucket, &key, &id, after, usize::try_from(limit).unwrap_or_default())
            })
            .await?;
        Ok(S3Response::new(ListPartsOutput {
            bucket: Some(input.bucket),
            part_number_marker: input.part_number_marker,
            max_parts: Some(limit),
            is_truncated: Some(is_truncated),
            next_part_number_marker: parts.last().map(|part| part.number),
            parts: Some(parts.into_iter().map(|part| listed(&upload, part)).collect()),
            checksum_algorithm: upload
                .algorithm
                .map(|one| dto::ChecksumAlgorithm::from_static(one.name())),
            checksum_type: upload
                .algorithm
                .map(|_| dto::ChecksumType::from_static(upload.kind.name())),
            key: Some(upload.key),
            upload_id: Some(upload.id),
            ..ListPartsOutput::default()
        }))
    }
}

fn require_part_number(number: i32) -> Outcome<()> {
    if PART_NUMBERS.contains(&number) {
        return Ok(());
    }
    Err(refusals::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
        .into())
}

fn keep(store: &StoreInner, input: &UploadPartInput, received: ReceivedBody) -> Outcome<Digests> {
    let ReceivedBody { draft, digests, claim } = received;
    let blob = draft.finish()?;
    store.write(|writing| {
        let upload = writing.upload(&input.bucket, &input.key, &input.upload_id)?;
        upload.require_claim(claim.map(|claim| claim.algorithm))?;
        let segments = [writing.adopt(blob, &digests)?];
        let part = NewPart { number: input.part_number, segments: &segments, digests: &digests };
        writing.put_part(&upload, &part)
    })?;
    Ok(digests)
}

fn copy(store: &StoreInner, input: &UploadPartCopyInput) -> Outcome<CopyPartResult> {
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let mut found = source!(input)?.find(store)?;
    let size = found.object.size;
    let range =
        input.copy_source_range.as_deref().map_or(Ok(0..size), |text| parse_range(text, size))?;
    if range.end - range.start > MAX_IN_ONE_REQUEST {
        return Err(refusals::entity_too_large().into());
    }
    let algorithm = upload.part_algorithm();
    let digests = if range == (0..size) {
        found.digests(algorithm)?
    } else {
        found.reading.segments = cut(found.reading.segments, &range);
        found.reading.digests(algorithm)?
    };
    let copied = store.write(|writing| {
        // Once more: it may have ended while the bytes were being hashed.
        let upload = writing.upload(&input.bucket, &input.key, &input.upload_id)?;
        let part = NewPart {
            number: input.part_number,
            segments: &found.reading.segments,
            digests: &digests,
        };
        writing.put_part(&upload, &part)
    })?;
    let mut result = CopyPartResult {
        e_tag: Some(dto::ETag::Strong(digests.md5.clone())),
        last_modified: Some(copied),
        ..CopyPartResult::default()
    };
    if upload.algorithm.is_some() {
        checksums::tell!(result, digests.require(algorithm)?);
    }
    Ok(result)
}

/// The range of a copy, which must be spelt out and inside the source.
fn parse_range(text: &str, size: u64) -> Outcome<Range<u64>> {
    let parsed = match dto::Range::parse(text) {
        Ok(dto::Range::Int { first, last: Some(last) }) => Some(first..last.saturating_add(1)),
        _ => None,
    };
    let range = parsed.ok_or_else(|| {
        refusals::invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based \
             offsets of the first and last bytes to copy",
        )
    })?;
    if range.end > size {
        let message = format!("Range specified is not valid for source object of size: {size}");
        return Err(refusals::invalid_argument(message).into());
    }
    Ok(range)
}

fn listed(upload: &Upload, part: Part) -> dto::Part {
    let mut answer = dto::Part {
        part_number: Some(part.number),
        last_modified: Some(part.modified()),
        size: i64::try_from(part.size).ok(),
        e_tag: Some(dto::ETag::Strong(part.md5)),
        ..dto::Part::default()
    };
    if let Some(algorithm) = upload.algorithm {
        let checksum = Checksum { algorithm, value: part.checksum };
        checksums::tell!(answer, checksum);
    }
    answer
}
