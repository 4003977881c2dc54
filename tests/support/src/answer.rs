//! What the API answered.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// A response, read whole.
#[derive(Debug, Clone)]
pub struct TestResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body; null where there is none.
    pub body: Value,
}

impl TestResponse {
    /// The answer to `request`.
    pub async fn to(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body");
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).expect("JSON")
        };
        Self { status, headers, body }
    }

    /// The body, after making sure of the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// Makes sure that the request was refused with this status, code and field, and that the
    /// refusal has all it should have.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str, field: Option<&str>) {
        let error = &self.body["error"];
        let found = (self.status, error["code"].as_str(), error["field"].as_str());
        assert_eq!(found, (status, Some(code), field), "{:#}", self.body);
        assert!(
            error["message"].as_str().is_some_and(|message| message.len() > 10),
            "{:#}",
            self.body
        );
        assert_eq!(error["request_id"].as_str(), self.header("x-request-id"), "{:#}", self.body);
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
