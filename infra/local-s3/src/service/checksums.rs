//! Checksums as requests claim them and as answers carry them.

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto;

use crate::{
    error::Outcome,
    refusals,
    store::digest::{Algorithm, Checksum, Digests, ObjectChecksum},
};

/// The checksum in a request's headers or trailers. There may be one at most.
///
/// Headers only: one in the query of a presigned URL counts for nothing on S3.
pub(super) fn claimed(headers: &HeaderMap) -> Outcome<Option<Checksum>> {
    let mut claims = Algorithm::ALL
        .into_iter()
        .filter_map(|algorithm| Some((algorithm, headers.get(algorithm.header())?)));
    let Some((algorithm, value)) = claims.next() else { return Ok(None) };
    if claims.next().is_some() {
        return Err(refusals::invalid_request("Expecting a single x-amz-checksum- header").into());
    }
    let value = value.to_str().unwrap_or_default().to_owned();
    Ok(Some(Checksum { algorithm, value }))
}

/// As [`claimed`], refusing what cannot be the checksum of anything.
pub(super) fn claimed_of_bytes(headers: &HeaderMap) -> Outcome<Option<Checksum>> {
    let claim = claimed(headers)?;
    match &claim {
        Some(Checksum { algorithm, value }) if !algorithm.is_well_formed(value) => {
            let message = format!("Value for {} header is invalid.", algorithm.header());
            Err(refusals::invalid_request(message).into())
        }
        _ => Ok(claim),
    }
}

/// The algorithm whose checksum is to come after the body.
pub(super) fn announced_trailer(headers: &HeaderMap) -> Option<Algorithm> {
    let names = headers.get("x-amz-trailer")?.to_str().ok()?;
    let is_named =
        |algorithm: &Algorithm| names.split(',').any(|name| name.trim() == algorithm.header());
    Algorithm::ALL.into_iter().find(is_named)
}

/// Refuses if the bytes are not those that were claimed.
pub(super) fn verify(claim: &Checksum, digests: &Digests) -> Outcome<()> {
    if digests.checksum(claim.algorithm) == Some(claim) {
        return Ok(());
    }
    Err(refusals::bad_digest(claim.algorithm.name()).into())
}

/// The algorithm a request chooses by name.
pub(super) fn chosen(algorithm: Option<&dto::ChecksumAlgorithm>) -> Outcome<Option<Algorithm>> {
    let Some(name) = algorithm.map(dto::ChecksumAlgorithm::as_str) else { return Ok(None) };
    let known = Algorithm::named(name).ok_or_else(|| {
        refusals::invalid_request(format!("Checksum algorithm provided is unsupported: {name}"))
    })?;
    Ok(Some(known))
}

/// The headers that tell a checksum.
pub(super) fn header(checksum: &Checksum) -> HeaderMap {
    let mut headers = HeaderMap::new();
    // Base64 is always a legal header value.
    if let Ok(value) = HeaderValue::from_str(&checksum.value) {
        headers.insert(HeaderName::from_static(checksum.algorithm.header()), value);
    }
    headers
}

/// The headers that tell the checksum of an object and its kind.
pub(super) fn object_headers(checksum: &ObjectChecksum) -> HeaderMap {
    let mut headers = header(&checksum.checksum);
    let kind = HeaderValue::from_static(checksum.kind.name());
    headers.insert(HeaderName::from_static("x-amz-checksum-type"), kind);
    headers
}

/// The checksum type of an object, as XML answers carry it.
pub(super) fn kind(checksum: &ObjectChecksum) -> dto::ChecksumType {
    dto::ChecksumType::from_static(checksum.kind.name())
}

/// Puts a checksum into the one of an XML answer's five fields that is for its algorithm.
macro_rules! tell {
    ($answer:expr, $checksum:expr) => {{
        let value = Some($checksum.value.clone());
        match $checksum.algorithm {
            $crate::store::digest::Algorithm::Crc32 => $answer.checksum_crc32 = value,
            $crate::store::digest::Algorithm::Crc32c => $answer.checksum_crc32c = value,
            $crate::store::digest::Algorithm::Crc64Nvme => $answer.checksum_crc64nvme = value,
            $crate::store::digest::Algorithm::Sha1 => $answer.checksum_sha1 = value,
            $crate::store::digest::Algorithm::Sha256 => $answer.checksum_sha256 = value,
        }
    }};
}
pub(super) use tell;

/// The checksums with which a client names a part.
pub(super) fn of_named_part(part: &dto::CompletedPart) -> Vec<Checksum> {
    let fields = [
        (Algorithm::Crc32, &part.checksum_crc32),
        (Algorithm::Crc32c, &part.checksum_crc32c),
        (Algorithm::Crc64Nvme, &part.checksum_crc64nvme),
        (Algorithm::Sha1, &part.checksum_sha1),
        (Algorithm::Sha256, &part.checksum_sha256),
    ];
    fields
        .into_iter()
        .filter_map(|(algorithm, value)| Some(Checksum { algorithm, value: value.clone()? }))
        .collect()
}
