//! Why a request failed: an error of the domain, or one of HTTP itself.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Value, json};
use slipway_domain::json::JsonCode;
use slipway_domain::{Code, Error, Principal};

/// Error code of HTTP itself: no request that comes another way could have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HttpCode {
    /// The body is not JSON, or is nested deeper than 64 levels.
    MalformedJson,
    /// The `Content-Type` of the body is not JSON.
    UnsupportedMediaType,
    /// The body is larger than 1 MiB.
    BodyTooLarge,
    /// The response would be longer than 6 MB; ask for less at once.
    ResponseTooLarge,
    /// No operation has this path.
    NoSuchRoute,
    /// The path exists, but not with this method.
    MethodNotAllowed,
}

impl HttpCode {
    /// All codes, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::MalformedJson,
        Self::UnsupportedMediaType,
        Self::BodyTooLarge,
        Self::ResponseTooLarge,
        Self::NoSuchRoute,
        Self::MethodNotAllowed,
    ];
}

/// Error code of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum ErrorCode {
    /// One of HTTP itself.
    Http(HttpCode),
    /// One of the domain.
    Domain(Code),
}

impl ErrorCode {
    /// All codes, in the order of the documentation.
    pub const ALL: [Self; HttpCode::ALL.len() + Code::ALL.len()] = [
        Self::Http(HttpCode::MalformedJson),
        Self::Domain(Code::InvalidField),
        Self::Domain(Code::UnknownField),
        Self::Http(HttpCode::UnsupportedMediaType),
        Self::Http(HttpCode::BodyTooLarge),
        Self::Http(HttpCode::ResponseTooLarge),
        Self::Domain(Code::InvalidCursor),
        Self::Domain(Code::Unauthenticated),
        Self::Domain(Code::JwtTooLarge),
        Self::Domain(Code::JwtMalformed),
        Self::Domain(Code::JwtAlgorithmRefused),
        Self::Domain(Code::JwtIssuerRefused),
        Self::Domain(Code::JwtKeyUnknown),
        Self::Domain(Code::JwtSignatureInvalid),
        Self::Domain(Code::JwtAudienceRefused),
        Self::Domain(Code::JwtExpired),
        Self::Domain(Code::JwtNotYetValid),
        Self::Domain(Code::JwtSubjectRefused),
        Self::Domain(Code::JwtRepositoryRefused),
        Self::Domain(Code::JwtRefRefused),
        Self::Domain(Code::JwtEnvironmentRefused),
        Self::Domain(Code::JwtClaimRefused),
        Self::Domain(Code::JwtReplayed),
        Self::Domain(Code::Forbidden),
        Self::Domain(Code::NotFound),
        Self::Http(HttpCode::NoSuchRoute),
        Self::Http(HttpCode::MethodNotAllowed),
        Self::Domain(Code::ProductExists),
        Self::Domain(Code::TenantExists),
        Self::Domain(Code::NameExists),
        Self::Domain(Code::LimitReached),
        Self::Domain(Code::ReleaseExists),
        Self::Domain(Code::ArtifactExists),
        Self::Domain(Code::ArtifactNotReady),
        Self::Domain(Code::UnknownProduct),
        Self::Domain(Code::UnknownChannel),
        Self::Domain(Code::PrereleaseNotAllowed),
        Self::Domain(Code::SecretUnavailable),
        Self::Domain(Code::UnknownIntegration),
        Self::Domain(Code::UnresolvableComponent),
        Self::Domain(Code::ReleaseNotPromotable),
        Self::Domain(Code::StaleState),
        Self::Domain(Code::ChecksumMismatch),
        Self::Domain(Code::UploadIncomplete),
        Self::Domain(Code::UploadExpired),
        Self::Domain(Code::IdempotencyConflict),
        Self::Domain(Code::IdempotencyInProgress),
        Self::Domain(Code::PreconditionFailed),
        Self::Domain(Code::RateLimited),
        Self::Domain(Code::Contention),
        Self::Domain(Code::IssuerUnavailable),
        Self::Domain(Code::RegistryUnavailable),
        Self::Domain(Code::Unavailable),
        Self::Domain(Code::Internal),
    ];
}

/// One enumeration, as callers see it: which part of Slipway a code comes from is nothing to them.
impl JsonSchema for ErrorCode {
    fn schema_name() -> Cow<'static, str> {
        "ErrorCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let [http, domain] = [schemars::schema_for!(HttpCode), schemars::schema_for!(Code)];
        let variants = [&http, &domain].map(|schema| schema.get("oneOf").and_then(Value::as_array));
        let variants: Vec<&Value> = variants.into_iter().flatten().flatten().collect();
        let of = |code| variants.iter().find(|one| one.get("const") == Some(&json!(code)));
        json_schema!({ "oneOf": Self::ALL.into_iter().filter_map(of).collect::<Vec<_>>() })
    }
}

/// Why a request failed: an error of HTTP itself, or one of the domain.
#[derive(Debug)]
pub struct RequestError(Error<ErrorCode>);

impl Deref for RequestError {
    type Target = Error<ErrorCode>;

    fn deref(&self) -> &Error<ErrorCode> {
        &self.0
    }
}

impl RequestError {
    /// The error as `principal` is told it. Whoever is bound sees less than there is: for such a
    /// caller, what is not found may be there all the same, and the same words are said of both.
    pub(crate) fn told_to(self, principal: &Principal) -> Self {
        if self.code() != ErrorCode::Domain(Code::NotFound) || !principal.is_bound() {
            return self;
        }
        Self(self.0.adding(", or it is not visible to this credential"))
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for RequestError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

impl From<Error<HttpCode>> for RequestError {
    fn from(error: Error<HttpCode>) -> Self {
        Self(error.map_code(ErrorCode::Http))
    }
}

impl From<Error<JsonCode>> for RequestError {
    fn from(error: Error<JsonCode>) -> Self {
        Self(error.map_code(|code| match code {
            JsonCode::Malformed => ErrorCode::Http(HttpCode::MalformedJson),
            JsonCode::Domain(code) => ErrorCode::Domain(code),
        }))
    }
}

impl From<Error> for RequestError {
    fn from(error: Error) -> Self {
        Self(error.map_code(ErrorCode::Domain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_has_every_code_once_with_its_meaning() {
        let schema = schemars::schema_for!(ErrorCode);
        let variants = schema.get("oneOf").and_then(Value::as_array).unwrap();
        let names: Vec<_> = variants.iter().map(|variant| variant["const"].clone()).collect();
        assert_eq!(names, ErrorCode::ALL.map(|code| json!(code)));
        assert!(variants.iter().all(|variant| variant["description"].is_string()));
    }
}
