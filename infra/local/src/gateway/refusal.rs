//! What API Gateway answers by itself, without the error format of the API.

use std::fmt;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;
use slipway_edge::Response;

/// Why API Gateway does not hand a request to a function, or a function's response to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The request line and the headers are longer than API Gateway takes.
    HeadTooLarge,
    /// The body, or the event that it is part of, is longer than API Gateway or Lambda takes.
    RequestTooLarge,
    /// The body did not come in time.
    TimedOut,
    /// The body ended early.
    BrokenBody,
    /// The response has this many bytes as JSON, more than Lambda takes from a function.
    ResponseTooLarge(usize),
    /// The function has answered what is no HTTP response.
    Malformed,
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenBody => StatusCode::BAD_REQUEST,
            Self::ResponseTooLarge(_) | Self::Malformed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// API Gateway's word for it.
    fn message(self) -> &'static str {
        match self {
            Self::HeadTooLarge => "Request Header Fields Too Large",
            Self::RequestTooLarge => "Request Entity Too Large",
            Self::TimedOut => "Request Timeout",
            Self::BrokenBody => "Bad Request",
            Self::ResponseTooLarge(_) | Self::Malformed => "Internal Server Error",
        }
    }

    /// The response. The connection ends with it where a rest of the request may still be on its
    /// way.
    pub fn response(self, request_id: &str) -> Response {
        let body = json!({ "message": self.message() }).to_string();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status().is_client_error() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("apigw-requestid"), id);
        }
        response
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "API Gateway answers {}", self.status().as_u16())?;
        match self {
            Self::ResponseTooLarge(size) => {
                let most = slipway_edge::payload::MAX_PAYLOAD;
                write!(f, ": the response has {size} bytes as JSON, and Lambda takes {most}")
            }
            other => write!(f, ": {other:?}"),
        }
    }
}
