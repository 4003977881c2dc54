//! What Amazon S3 demands of a signature beyond its being right.
//!
//! The protocol layer verifies the headers a signature names, and does not mind others. S3 does: an
//! `x-amz-*` header that is not signed is refused, or anybody holding a presigned URL could add a
//! checksum, metadata or an ACL of their own.

use http::{HeaderMap, Request, header::AUTHORIZATION};
use s3s::{S3Error, S3ErrorCode};
use url::form_urlencoded;

use crate::refusals;

/// The longest life of a presigned URL: seven days.
const MAX_EXPIRES_SECONDS: u64 = 604_800;

/// Refuses what S3 refuses: a credential beside the signature of a presigned URL, one of another
/// kind than S3's, unsigned `x-amz-*` headers, URLs presigned for more than seven days, signature
/// version 2. Whether the signature is right is for the protocol layer to say.
pub(crate) fn check<B>(request: &Request<B>) -> Result<(), S3Error> {
    let query = SignedQuery::of(request);
    let authorization = request.headers().get(AUTHORIZATION);
    if query.is_signed && authorization.is_some() {
        return Err(two_mechanisms());
    }
    let authorization = authorization.map(|value| value.to_str().unwrap_or_default());
    if authorization.is_some_and(|value| !value.starts_with("AWS")) {
        return Err(unsupported());
    }
    if query.is_version_2 || authorization.is_some_and(|value| value.starts_with("AWS ")) {
        return Err(version_2());
    }
    if query.expires_seconds.is_some_and(|seconds| seconds > MAX_EXPIRES_SECONDS) {
        return Err(lives_too_long());
    }
    let signed = query.signed_headers.or_else(|| authorization.and_then(named_in_authorization));
    match signed {
        Some(signed) => all_signed(request.headers(), &signed),
        // Not signed at all: refused by the protocol layer.
        None => Ok(()),
    }
}

/// The parameters of a presigned URL that matter here.
#[derive(Default)]
struct SignedQuery {
    signed_headers: Option<String>,
    expires_seconds: Option<u64>,
    is_signed: bool,
    is_version_2: bool,
}

impl SignedQuery {
    fn of<B>(request: &Request<B>) -> Self {
        let mut query = Self::default();
        let text = request.uri().query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "X-Amz-SignedHeaders" => query.signed_headers = Some(value.into_owned()),
                "X-Amz-Expires" => query.expires_seconds = value.parse().ok(),
                "AWSAccessKeyId" => query.is_version_2 = true,
                "X-Amz-Algorithm" | "Signature" => query.is_signed = true,
                _ => {}
            }
        }
        query
    }
}

fn named_in_authorization(authorization: &str) -> Option<String> {
    let (_, rest) = authorization.split_once("SignedHeaders=")?;
    let list = rest.split(',').next()?;
    Some(list.trim().to_owned())
}

fn all_signed(headers: &HeaderMap, signed: &str) -> Result<(), S3Error> {
    let is_signed = |name: &str| signed.split(';').any(|one| one.eq_ignore_ascii_case(name));
    let unsigned = headers
        .keys()
        .map(http::HeaderName::as_str)
        .find(|name| name.starts_with("x-amz-") && !is_signed(name));
    match unsigned {
        Some(name) => Err(not_signed(name)),
        None => Ok(()),
    }
}

fn not_signed(name: &str) -> S3Error {
    S3Error::with_message(
        S3ErrorCode::AccessDenied,
        format!("There were headers present in the request which were not signed: {name}"),
    )
}

fn two_mechanisms() -> S3Error {
    refusals::invalid_argument(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
    )
}

fn unsupported() -> S3Error {
    refusals::invalid_argument("Unsupported Authorization Type")
}

fn lives_too_long() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::AuthorizationQueryParametersError,
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
    )
}

fn version_2() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::InvalidRequest,
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(authorization: &str, header: &str) -> Option<S3ErrorCode> {
        let request = Request::builder()
            .header(AUTHORIZATION, authorization)
            .header(header, "x")
            .body(())
            .unwrap();
        check(&request).err().map(|refusal| refusal.code().clone())
    }

    #[test]
    fn a_signature_in_a_header_must_cover_the_headers_of_s3_too() {
        let authorization = "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
        assert_eq!(verdict(authorization, "x-amz-date"), None);
        assert_eq!(verdict(authorization, "content-type"), None);
        assert_eq!(verdict(authorization, "x-amz-acl"), Some(S3ErrorCode::AccessDenied));
    }

    #[test]
    fn a_signature_of_version_2_in_a_header_is_refused() {
        assert_eq!(verdict("AWS local:00", "date"), Some(S3ErrorCode::InvalidRequest));
    }
}
