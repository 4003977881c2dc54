//! Refusals, in the form that the vendor's API has too.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CONTENT_RANGE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a request gets nothing.
#[derive(Debug)]
pub enum ServeError {
    /// There is no such thing here.
    NotFound(&'static str),
    /// A mirror is read, and nothing else.
    ReadOnly,
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
        let (status, code, message) = match self {
            Self::NotFound(what) => {
                (StatusCode::NOT_FOUND, "not_found", format!("this mirror has no such {what}"))
            }
            Self::ReadOnly => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "a mirror takes GET and HEAD".to_owned(),
            ),
            Self::RangeNotSatisfiable(length) => {
                let message = format!("there are {length} bytes, and the range begins after them");
                let body = error("range_not_satisfiable", &message);
                let range = [(CONTENT_RANGE, format!("bytes */{length}"))];
                return (StatusCode::RANGE_NOT_SATISFIABLE, range, body).into_response();
            }
            Self::Empty => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "this mirror has not synced yet".to_owned(),
            ),
            Self::Internal(why) => {
                eprintln!("{why}");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "an internal fault; the mirror's log has it".to_owned(),
                )
            }
        };
        (status, error(code, &message)).into_response()
    }
}

fn error(code: &str, message: &str) -> Json<Value> {
    Json(json!({ "error": { "code": code, "message": message } }))
}
