//! Errors as HTTP responses.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use slipway_domain::{Code, Error};

use crate::request::Response;

/// The body of every response that is not a success.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem<'a> {
    error: ErrorObject<'a>,
}

/// What went wrong.
#[derive(Debug, Serialize, JsonSchema)]
struct ErrorObject<'a> {
    /// What kind of error; see docs/ERRORS.md.
    code: Code,
    /// What is wrong, and what would be right.
    message: &'a str,
    /// Where in the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// Facts for a program to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Value>,
    /// The request's id, which the log bears too.
    request_id: &'a str,
}

/// The status that a code is answered with.
#[must_use]
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::MalformedJson | Code::InvalidField | Code::UnknownField | Code::InvalidCursor => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound | Code::NoSuchRoute => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::ProductExists
        | Code::TenantExists
        | Code::ReleaseExists
        | Code::StaleState
        | Code::ChecksumMismatch
        | Code::UploadIncomplete
        | Code::UploadExpired
        | Code::IdempotencyConflict
        | Code::IdempotencyInProgress => StatusCode::CONFLICT,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::ArtifactNotReady | Code::UnknownChannel => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Contention | Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The response for an error. What only the log may know is not in it.
#[must_use]
pub fn response(error: &Error, request_id: &str) -> Response {
    let fault = ErrorObject {
        code: error.code(),
        message: error.message(),
        field: error.field(),
        details: error.details(),
        request_id,
    };
    let body = serde_json::to_vec(&Problem { error: fault }).unwrap_or_default();
    let mut response = Response::new(body.into());
    *response.status_mut() = status(error.code());
    response
}
