//! The refusals of S3, by name, in the words clients know.

use std::borrow::Cow;

use s3s::{S3Error, S3ErrorCode};

fn refusal(code: S3ErrorCode, message: impl Into<Cow<'static, str>>) -> S3Error {
    S3Error::with_message(code, message)
}

pub(crate) fn no_such_bucket(bucket: &str) -> S3Error {
    refusal(S3ErrorCode::NoSuchBucket, format!("The specified bucket does not exist: {bucket}"))
}

pub(crate) fn bucket_exists() -> S3Error {
    refusal(
        S3ErrorCode::BucketAlreadyOwnedByYou,
        "Your previous request to create the named bucket succeeded and you already own it.",
    )
}

pub(crate) fn no_such_key() -> S3Error {
    refusal(S3ErrorCode::NoSuchKey, "The specified key does not exist.")
}

pub(crate) fn no_such_version() -> S3Error {
    refusal(S3ErrorCode::NoSuchVersion, "The specified version does not exist.")
}

pub(crate) fn no_such_upload() -> S3Error {
    refusal(
        S3ErrorCode::NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    )
}

pub(crate) fn precondition_failed() -> S3Error {
    refusal(
        S3ErrorCode::PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold",
    )
}

pub(crate) fn missing_content_length() -> S3Error {
    refusal(S3ErrorCode::MissingContentLength, "You must provide the Content-Length HTTP header.")
}

pub(crate) fn incomplete_body() -> S3Error {
    refusal(
        S3ErrorCode::IncompleteBody,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}

pub(crate) fn request_timeout() -> S3Error {
    refusal(
        S3ErrorCode::RequestTimeout,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be \
         closed.",
    )
}

pub(crate) fn entity_too_large() -> S3Error {
    refusal(S3ErrorCode::EntityTooLarge, "Your proposed upload exceeds the maximum allowed size")
}

pub(crate) fn entity_too_small() -> S3Error {
    refusal(
        S3ErrorCode::EntityTooSmall,
        "Your proposed upload is smaller than the minimum allowed size",
    )
}

pub(crate) fn bad_digest(which: &str) -> S3Error {
    refusal(
        S3ErrorCode::BadDigest,
        format!("The {which} you specified did not match the calculated checksum."),
    )
}

pub(crate) fn invalid_md5() -> S3Error {
    refusal(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.")
}

/// The body is not the one whose hash was signed.
pub(crate) fn content_sha256_mismatch() -> S3Error {
    let mut error = refusal(
        S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
    error.set_status_code(http::StatusCode::BAD_REQUEST);
    error
}

pub(crate) fn signature_does_not_match() -> S3Error {
    refusal(
        S3ErrorCode::SignatureDoesNotMatch,
        "The request signature we calculated does not match the signature you provided.",
    )
}

pub(crate) fn invalid_request(message: impl Into<Cow<'static, str>>) -> S3Error {
    refusal(S3ErrorCode::InvalidRequest, message)
}

pub(crate) fn invalid_argument(message: impl Into<Cow<'static, str>>) -> S3Error {
    refusal(S3ErrorCode::InvalidArgument, message)
}

pub(crate) fn invalid_range() -> S3Error {
    refusal(S3ErrorCode::InvalidRange, "The requested range is not satisfiable")
}

pub(crate) fn invalid_part() -> S3Error {
    refusal(
        S3ErrorCode::InvalidPart,
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity \
         tag may not match the part's entity tag.",
    )
}

pub(crate) fn invalid_part_order() -> S3Error {
    refusal(
        S3ErrorCode::InvalidPartOrder,
        "The list of parts was not in ascending order. Parts must be ordered by part number.",
    )
}

pub(crate) fn malformed_xml() -> S3Error {
    refusal(
        S3ErrorCode::MalformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// What S3 can do and this store cannot. Saying so beats doing something else.
pub(crate) fn not_implemented(what: &str) -> S3Error {
    refusal(S3ErrorCode::NotImplemented, format!("The local S3 does not implement {what}."))
}
