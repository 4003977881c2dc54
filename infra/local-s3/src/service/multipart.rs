//! Multipart uploads as wholes: begun, completed, aborted, listed.

use s3s::{
    S3Request, S3Response,
    dto::{
        self, AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
        CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
        ListMultipartUploadsInput, ListMultipartUploadsOutput, MultipartUpload,
    },
};

use super::{Service, checksums, put::refuse_unsupported};
use crate::{
    error::Outcome,
    refusals,
    store::{
        Completion, Headers, NamedPart, Upload, UploadsPage, WriteConditions,
        digest::{Algorithm, ChecksumType},
    },
};

/// How many uploads a page has at most, and if the client does not say.
const MAX_UPLOADS: i32 = 1000;

impl Service {
    pub(super) async fn on_create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> Outcome<S3Response<CreateMultipartUploadOutput>> {
        refuse_unsupported(&request.headers)?;
        let input = request.input;
        let algorithm = checksums::chosen(input.checksum_algorithm.as_ref())?;
        let kind = kind(algorithm, input.checksum_type.as_ref())?;
        let headers = headers(&input);
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let id = self
            .store
            .run(move |store| {
                store
                    .write(|writing| writing.begin_upload(&bucket, &key, algorithm, kind, &headers))
            })
            .await?;
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_type: algorithm.map(|_| dto::ChecksumType::from_static(kind.name())),
            checksum_algorithm: algorithm
                .map(|algorithm| dto::ChecksumAlgorithm::from_static(algorithm.name())),
            ..CreateMultipartUploadOutput::default()
        }))
    }

    pub(super) async fn on_complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Outcome<S3Response<CompleteMultipartUploadOutput>> {
        let expected = checksums::claimed(&request.headers)?;
        let mut completion = completion(request.input)?;
        completion.checksum = expected;
        let (bucket, key) = (completion.bucket.clone(), completion.key.clone());
        let (etag, checksum) = self
            .store
            .run(move |store| store.write(|writing| writing.complete(completion)))
            .await?;
        let mut output = CompleteMultipartUploadOutput {
            location: Some(format!("/{bucket}/{key}")),
            bucket: Some(bucket),
            key: Some(key),
            e_tag: Some(dto::ETag::Strong(etag)),
            checksum_type: Some(checksums::kind(&checksum)),
            ..CompleteMultipartUploadOutput::default()
        };
        checksums::tell!(output, checksum.checksum);
        Ok(S3Response::new(output))
    }

    pub(super) async fn on_abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> Outcome<S3Response<AbortMultipartUploadOutput>> {
        let input = request.input;
        self.store
            .run(move |store| {
                store.write(|writing| writing.abort(&input.bucket, &input.key, &input.upload_id))
            })
            .await?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    pub(super) async fn on_list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> Outcome<S3Response<ListMultipartUploadsOutput>> {
        let input = request.input;
        if input.delimiter.is_some() {
            return Err(refusals::not_implemented("delimiters when listing uploads").into());
        }
        let limit = input.max_uploads.unwrap_or(MAX_UPLOADS).clamp(0, MAX_UPLOADS);
        let (bucket, prefix) = (input.bucket.clone(), input.prefix.clone().unwrap_or_default());
        let (key, id) = after(&input);
        let page = self
            .store
            .run(move |store| {
                store.uploads(
                    &bucket,
                    &prefix,
                    (&key, &id),
                    usize::try_from(limit).unwrap_or_default(),
                )
            })
            .await?;
        Ok(S3Response::new(listing(input, limit, page)))
    }
}

/// The kind of checksum an upload will have; what S3 takes if the client does not say, and refuses
/// if it says wrong.
fn kind(algorithm: Option<Algorithm>, wanted: Option<&dto::ChecksumType>) -> Outcome<ChecksumType> {
    let (default, other) = match algorithm {
        Some(Algorithm::Sha1 | Algorithm::Sha256) => (ChecksumType::Composite, None),
        Some(Algorithm::Crc32 | Algorithm::Crc32c) => {
            (ChecksumType::Composite, Some(ChecksumType::FullObject))
        }
        Some(Algorithm::Crc64Nvme) | None => (ChecksumType::FullObject, None),
    };
    let Some(wanted) = wanted.map(dto::ChecksumType::as_str) else { return Ok(default) };
    let known = [Some(default), other].into_iter().flatten().find(|kind| kind.name() == wanted);
    Ok(known.ok_or_else(|| {
        let algorithm = algorithm.map_or("null", Algorithm::name).to_lowercase();
        refusals::invalid_request(format!(
            "The {wanted} checksum type cannot be used with the {algorithm} checksum algorithm."
        ))
    })?)
}

fn headers(input: &CreateMultipartUploadInput) -> Headers {
    Headers {
        content_type: input.content_type.clone(),
        cache_control: input.cache_control.clone(),
        content_disposition: input.content_disposition.clone(),
        content_encoding: input.content_encoding.clone(),
        content_language: input.content_language.clone(),
        metadata: input.metadata.clone().unwrap_or_default().into_iter().collect(),
    }
}

fn completion(input: CompleteMultipartUploadInput) -> Outcome<Completion> {
    let named = input.multipart_upload.and_then(|list| list.parts).unwrap_or_default();
    Ok(Completion {
        parts: named.iter().map(named_part).collect::<Outcome<_>>()?,
        bucket: input.bucket,
        key: input.key,
        upload: input.upload_id,
        conditions: WriteConditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
        },
        checksum: None,
        size: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
    })
}

fn named_part(part: &dto::CompletedPart) -> Outcome<NamedPart> {
    let (Some(number), Some(etag)) = (part.part_number, &part.e_tag) else {
        return Err(refusals::malformed_xml().into());
    };
    Ok(NamedPart {
        number,
        etag: etag.value().to_owned(),
        checksums: checksums::of_named_part(part),
    })
}

/// The key and upload after which a page begins. A key alone means: after all its uploads.
fn after(input: &ListMultipartUploadsInput) -> (String, String) {
    let key = input.key_marker.clone().unwrap_or_default();
    let is_whole_key = !key.is_empty() && input.upload_id_marker.is_none();
    let id = if is_whole_key {
        char::MAX.to_string()
    } else {
        input.upload_id_marker.clone().unwrap_or_default()
    };
    (key, id)
}

fn listing(
    input: ListMultipartUploadsInput,
    limit: i32,
    page: UploadsPage,
) -> ListMultipartUploadsOutput {
    let last = page.uploads.last().filter(|_| page.is_truncated);
    ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: input.prefix,
        key_marker: input.key_marker,
        upload_id_marker: input.upload_id_marker,
        max_uploads: Some(limit),
        is_truncated: Some(page.is_truncated),
        next_key_marker: last.map(|upload| upload.key.clone()),
        next_upload_id_marker: last.map(|upload| upload.id.clone()),
        uploads: Some(page.uploads.into_iter().map(listed).collect()),
        ..ListMultipartUploadsOutput::default()
    }
}

fn listed(upload: Upload) -> MultipartUpload {
    MultipartUpload {
        initiated: Some(upload.initiated()),
        checksum_algorithm: upload
            .algorithm
            .map(|one| dto::ChecksumAlgorithm::from_static(one.name())),
        checksum_type: upload.algorithm.map(|_| dto::ChecksumType::from_static(upload.kind.name())),
        key: Some(upload.key),
        upload_id: Some(upload.id),
        storage_class: Some(dto::StorageClass::from_static(dto::StorageClass::STANDARD)),
        ..MultipartUpload::default()
    }
}
