//! Whose S3 is spoken: Amazon's, or what Google Cloud Storage makes of it.

use http::{HeaderName, Method, Request, header};
use s3s::{S3Error, S3ErrorCode};

use crate::refusals;

/// Whose S3 is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Amazon S3.
    S3,
    /// The XML API of Google Cloud Storage with HMAC keys, as far as it does less: what it refuses is
    /// refused, and so is what it ignores, because a client that sends it relies on it. The rules
    /// and where they stand are in the README.
    Gcs,
}

impl Dialect {
    /// Refuses what this dialect does not have.
    pub(crate) fn check<B>(self, request: &Request<B>) -> Result<(), S3Error> {
        match self {
            Self::S3 => Ok(()),
            Self::Gcs => gcs_lacks(request).map_or(Ok(()), Err),
        }
    }
}

/// What Google Cloud Storage lacks of what `request` asks for.
fn gcs_lacks<B>(request: &Request<B>) -> Option<S3Error> {
    let headers = request.headers();
    if let Some(name) = headers.keys().find(|name| is_of_checksums(name)) {
        return Some(refusals::invalid_argument(format!("{name} is not a header of GCS")));
    }
    if request.method() == Method::PUT && headers.contains_key(header::IF_NONE_MATCH) {
        return Some(refusals::invalid_argument("GCS ignores If-None-Match of a PUT"));
    }
    let is_part = request.uri().query().is_some_and(|query| query.contains("partNumber="));
    if is_part && headers.contains_key("x-amz-copy-source") {
        return Some(refusals::not_implemented("UploadPartCopy, as GCS does not"));
    }
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let is_signed = |name: &str| {
        authorization.contains(&format!("={name};")) || authorization.contains(&format!(";{name};"))
    };
    is_signed("accept-encoding").then(|| {
        S3Error::with_message(
            S3ErrorCode::SignatureDoesNotMatch,
            "GCS changes Accept-Encoding before it computes the signature",
        )
    })
}

/// The headers with which S3 tells, wants and announces checksums.
fn is_of_checksums(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-amz-checksum-")
        || matches!(name, "x-amz-sdk-checksum-algorithm" | "x-amz-trailer")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether both dialects take a request, first S3 and then GCS.
    fn taken(method: Method, uri: &str, headers: &[(&str, &str)]) -> [bool; 2] {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        [Dialect::S3, Dialect::Gcs].map(|dialect| dialect.check(&request).is_ok())
    }

    #[test]
    fn gcs_refuses_what_it_lacks_and_what_it_ignores() {
        let signed = |names: &str| format!("AWS4-HMAC-SHA256 SignedHeaders={names}, Signature=0");
        for (method, uri, header, value) in [
            (Method::PUT, "/b/k", "x-amz-checksum-sha256", "x"),
            (Method::PUT, "/b/k", "x-amz-trailer", "x-amz-checksum-crc32"),
            (Method::HEAD, "/b/k", "x-amz-checksum-mode", "ENABLED"),
            (Method::POST, "/b?delete", "x-amz-sdk-checksum-algorithm", "CRC32"),
            (Method::PUT, "/b/k", "if-none-match", "*"),
            (Method::PUT, "/b/k?partNumber=1&uploadId=u", "x-amz-copy-source", "/b/other"),
            (Method::GET, "/b/k", "authorization", &signed("accept-encoding;host")),
            (Method::GET, "/b/k", "authorization", &signed("host;accept-encoding;x-amz-date")),
        ] {
            assert_eq!(taken(method, uri, &[(header, value)]), [true, false], "{header}: {value}");
        }
    }

    #[test]
    fn gcs_takes_what_it_has() {
        let authorization = "AWS4-HMAC-SHA256 SignedHeaders=host;x-amz-date, Signature=0";
        for (method, uri, header, value) in [
            (Method::PUT, "/b/k", "x-amz-copy-source", "/b/other"),
            (Method::PUT, "/b/k", "x-amz-copy-source-if-match", "e"),
            (Method::PUT, "/b/k?partNumber=1&uploadId=u", "content-length", "5"),
            (Method::GET, "/b/k", "if-none-match", "e"),
            (Method::GET, "/b/k", "authorization", authorization),
        ] {
            assert_eq!(taken(method, uri, &[(header, value)]), [true, true], "{header}: {value}");
        }
    }
}
