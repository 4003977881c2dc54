//! `PutObject`.

use http::HeaderMap;
use s3s::{
    S3Request, S3Response,
    dto::{self, PutObjectInput, PutObjectOutput},
};

use super::{
    Service, checksums,
    receive::{IncomingBody, ReceivedBody},
};
use crate::{
    error::Outcome,
    refusals,
    store::{
        Headers, NewObject, ObjectEventKind, StoreInner, WriteConditions,
        digest::{Algorithm, ChecksumType, ObjectChecksum},
    },
};

impl Service {
    pub(super) async fn on_put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> Outcome<S3Response<PutObjectOutput>> {
        refuse_unsupported(&request.headers)?;
        let (body, length) = (request.input.body.take(), request.input.content_length);
        let received =
            IncomingBody::announced(&request, body, length)?.receive(&self.store).await?;
        let input = request.input;
        let (etag, checksum) = self.store.run(move |store| keep(store, input, received)).await?;
        let output =
            PutObjectOutput { e_tag: Some(dto::ETag::Strong(etag)), ..PutObjectOutput::default() };
        Ok(S3Response::with_headers(output, checksums::object_headers(&checksum)))
    }
}

fn keep(
    store: &StoreInner,
    input: PutObjectInput,
    received: ReceivedBody,
) -> Outcome<(String, ObjectChecksum)> {
    let ReceivedBody { draft, digests, claim } = received;
    // Without a claim S3 keeps a checksum of its own choosing.
    let algorithm = claim.map_or(Algorithm::Crc64Nvme, |claim| claim.algorithm);
    let checksum = ObjectChecksum {
        checksum: digests.require(algorithm)?.clone(),
        kind: ChecksumType::FullObject,
    };
    let blob = draft.finish()?;
    store.write(|writing| {
        let segment = writing.adopt(blob, &digests)?;
        writing.publish(&NewObject {
            headers: headers(&input),
            segments: vec![segment],
            size: digests.size,
            etag: digests.md5.clone(),
            checksum: checksum.clone(),
            conditions: WriteConditions {
                if_match: input.if_match,
                if_none_match: input.if_none_match,
            },
            happening: ObjectEventKind::Put,
            bucket: input.bucket,
            key: input.key,
        })
    })?;
    Ok((digests.md5, checksum))
}

fn headers(input: &PutObjectInput) -> Headers {
    Headers {
        content_type: input.content_type.clone(),
        cache_control: input.cache_control.clone(),
        content_disposition: input.content_disposition.clone(),
        content_encoding: stored_encoding(input.content_encoding.as_deref()),
        content_language: input.content_language.clone(),
        metadata: input.metadata.clone().unwrap_or_default().into_iter().collect(),
    }
}

/// `aws-chunked` is how a body travels, not how the object is encoded.
fn stored_encoding(encoding: Option<&str>) -> Option<String> {
    let kept: Vec<&str> = encoding?
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// Refuses what would silently not be what the client asked for.
pub(super) fn refuse_unsupported(headers: &HeaderMap) -> Outcome<()> {
    const UNSUPPORTED: [(&str, &str); 5] = [
        ("x-amz-server-side-encryption-customer-algorithm", "encryption with keys of the client"),
        ("x-amz-tagging", "tags"),
        ("x-amz-object-lock-mode", "object lock"),
        ("x-amz-object-lock-legal-hold", "object lock"),
        ("x-amz-write-offset-bytes", "appending"),
    ];
    match UNSUPPORTED.iter().find(|(header, _)| headers.contains_key(*header)) {
        Some((_, feature)) => Err(refusals::not_implemented(feature).into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transport_encoding_is_not_kept() {
        assert_eq!(stored_encoding(Some("aws-chunked")), None);
        assert_eq!(stored_encoding(Some("gzip, aws-chunked")).as_deref(), Some("gzip"));
    }
}
