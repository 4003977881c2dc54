//! Requests and responses as the frame has them, whatever brought them.

use std::net::IpAddr;

use bytes::Bytes;
use http::HeaderMap;
use http::header::AsHeaderName;

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method, upper case.
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query string, without `?`.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The id that the response and the log bear.
    pub request_id: String,
    /// The URL, without a path, of the gateway that the request came to; `None` where none says it.
    /// The gateway has it from its own configuration, not from a header of the caller.
    pub gateway_url: Option<String>,
    /// The address of the client, as the gateway knows it from the connection; `None` where none
    /// says it.
    pub source_address: Option<IpAddr>,
}

/// A response.
pub type Response = http::Response<Bytes>;

impl Request {
    /// A header, where it is there and is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The values of a header that may come in several lines, as far as they are visible ASCII.
    pub fn header_values(&self, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }

    /// No request, as jobs have it; the log bears `request_id`.
    #[must_use]
    pub(crate) fn none(request_id: &str) -> Self {
        Self {
            method: String::new(),
            path: String::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            request_id: request_id.to_owned(),
            gateway_url: None,
            source_address: None,
        }
    }

    /// A GET of `path`.
    #[cfg(test)]
    pub(crate) fn for_test(path: &str, query: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            request_id: "test".to_owned(),
            gateway_url: None,
            source_address: None,
        }
    }
}
