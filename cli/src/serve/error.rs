//! Refusals, in the form that the vendor's API has too.

use axum::Json;
use axum::http::header::{ALLOW, CONTENT_RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::decision_request::MAX_BODY;

/// Why a request gets nothing.
#[derive(Debug)]
pub enum ServeError {
    /// There is no such thing here.
    NotFound(&'static str),
    /// A mirror is read, and nothing else.
    ReadOnly,
    /// Decisions are asked for with POST alone.
    PostOnly,
    /// The body has another media type.
    NotJson(String),
    /// The body is longer than is taken.
    BodyTooLarge,
    /// The body did not come in time.
    TooSlow,
    /// The body is no JSON.
    MalformedJson(String),
    /// A value is none that is taken.
    InvalidField {
        /// Where it is, as far as that is known.
        field: Option<String>,
        /// What is wrong with it.
        message: String,
    },
    /// Too many large requests are in work.
    Busy,
    /// The manifest has so many bytes, which is too long for decisions.
    TooLargeForDecisions(u64),
    /// The range that is asked for begins after the end of so many bytes.
    RangeNotSatisfiable(u64),
    /// Nothing was synced yet.
    Empty,
    /// The mirror's disk does not do.
    Internal(String),
}

impl From<crate::error::CliError> for ServeError {
    fn from(failure: crate::error::CliError) -> Self {
        Self::Internal(failure.to_string())
    }
}

impl IntoResponse for ServeError {
    fn into_response(self) -> Response {
        let (status, code) = self.status();
        let (mut member, message) = (None, self.message());
        let mut headers = HeaderMap::new();
        match self {
            Self::RangeNotSatisfiable(length) => {
                let range = HeaderValue::from_str(&format!("bytes */{length}"));
                headers.extend(range.ok().map(|range| (CONTENT_RANGE, range)));
            }
            Self::PostOnly => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            Self::InvalidField { field, .. } => member = field,
            Self::Internal(why) => eprintln!("{why}"),
            _ => {}
        }
        let mut body = json!({ "error": { "code": code, "message": message } });
        if let (Some(field), Some(error)) = (member, body.get_mut("error")) {
            error["field"] = json!(field);
        }
        (status, headers, Json(body)).into_response()
    }
}

impl ServeError {
    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::ReadOnly | Self::PostOnly => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
            }
            Self::NotJson(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            Self::MalformedJson(_) => (StatusCode::BAD_REQUEST, "malformed_json"),
            Self::InvalidField { .. } => (StatusCode::BAD_REQUEST, "invalid_field"),
            Self::RangeNotSatisfiable(_) => {
                (StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable")
            }
            Self::Empty | Self::Busy | Self::TooLargeForDecisions(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::NotFound(what) => format!("this mirror has no such {what}"),
            Self::ReadOnly => "a mirror takes GET and HEAD".to_owned(),
            Self::PostOnly => "decisions are asked for with POST".to_owned(),
            Self::NotJson(media_type) => {
                format!("the body is `{media_type}`; send it with Content-Type: application/json")
            }
            Self::BodyTooLarge => format!("at most {MAX_BODY} bytes of body are taken"),
            Self::TooSlow => "the body did not come within 10 seconds".to_owned(),
            Self::MalformedJson(message) | Self::InvalidField { message, .. } => message.clone(),
            Self::RangeNotSatisfiable(length) => {
                format!("there are {length} bytes, and the range begins after them")
            }
            Self::Busy => "too many large requests are in work; ask again".to_owned(),
            Self::Empty => "this mirror has not synced yet".to_owned(),
            Self::TooLargeForDecisions(bytes) => format!(
                "the manifest has {bytes} bytes, which is too long to decide by; ask the vendor's API, or read the manifest"
            ),
            Self::Internal(_) => "an internal fault; the mirror's log has it".to_owned(),
        }
    }
}
