//! Errors as HTTP responses.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use slipway_domain::Code;

use crate::error::{ErrorCode, HttpCode, RequestError};
use crate::request::Response;

/// Response body of every error, status 400 and above.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem<'a> {
    error: ErrorObject<'a>,
}

/// An error.
#[derive(Debug, Serialize, JsonSchema)]
struct ErrorObject<'a> {
    /// Error code, for programs. See docs/ERRORS.md.
    code: ErrorCode,
    /// Message for people: what is wrong, and what would be valid. Its text may change.
    message: &'a str,
    /// Path of the invalid value in the request, such as `artifacts[0].platform`; absent if the
    /// error is not about one value.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// Details for programs, depending on `code`; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Value>,
    /// Id of the request, as in the log and in `X-Request-Id`.
    request_id: &'a str,
}

/// HTTP status of an error code.
#[must_use]
pub fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Http(code) => status_of_http(code),
        ErrorCode::Domain(code) => status_of_domain(code),
    }
}

fn status_of_http(code: HttpCode) -> StatusCode {
    match code {
        HttpCode::MalformedJson => StatusCode::BAD_REQUEST,
        HttpCode::NoSuchRoute => StatusCode::NOT_FOUND,
        HttpCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        HttpCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        HttpCode::ResponseTooLarge => StatusCode::UNPROCESSABLE_ENTITY,
        HttpCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
    }
}

fn status_of_domain(code: Code) -> StatusCode {
    match code {
        Code::InvalidField | Code::UnknownField | Code::InvalidCursor => StatusCode::BAD_REQUEST,
        Code::Unauthenticated
        | Code::JwtTooLarge
        | Code::JwtMalformed
        | Code::JwtAlgorithmRefused
        | Code::JwtIssuerRefused
        | Code::JwtKeyUnknown
        | Code::JwtSignatureInvalid
        | Code::JwtAudienceRefused
        | Code::JwtExpired
        | Code::JwtNotYetValid
        | Code::JwtSubjectRefused
        | Code::JwtRepositoryRefused
        | Code::JwtRefRefused
        | Code::JwtEnvironmentRefused
        | Code::JwtClaimRefused
        | Code::JwtReplayed => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::ProductExists
        | Code::TenantExists
        | Code::NameExists
        | Code::LimitReached
        | Code::ReleaseExists
        | Code::ArtifactExists
        | Code::StaleState
        | Code::ChecksumMismatch
        | Code::UploadIncomplete
        | Code::UploadExpired
        | Code::IdempotencyConflict
        | Code::IdempotencyInProgress => StatusCode::CONFLICT,
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::ArtifactNotReady
        | Code::UnknownProduct
        | Code::UnknownChannel
        | Code::UnknownIntegration
        | Code::UnresolvableComponent
        | Code::ReleaseNotPromotable
        | Code::PrereleaseNotAllowed
        | Code::SecretUnavailable => StatusCode::UNPROCESSABLE_ENTITY,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::RegistryUnavailable => StatusCode::BAD_GATEWAY,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Contention | Code::IssuerUnavailable | Code::Unavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// The response for an error, without what is for the log only.
#[must_use]
pub fn response(error: &RequestError, request_id: &str) -> Response {
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
