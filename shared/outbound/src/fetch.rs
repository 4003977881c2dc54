//! A request without a body.

use std::fmt;

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request};
use url::Url;

/// GET or HEAD of a URL, with headers and perhaps a credential.
#[derive(Clone)]
pub struct Fetch {
    pub(crate) method: Method,
    pub(crate) url: Url,
    headers: HeaderMap,
    authorization: Option<HeaderValue>,
}

impl Fetch {
    /// GET.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), authorization: None }
    }

    /// HEAD: the answer has no body.
    #[must_use]
    pub fn head(url: Url) -> Self {
        Self { method: Method::HEAD, ..Self::get(url) }
    }

    /// With this header too. It goes wherever redirects lead: no secret belongs in it.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// With this value of `Authorization` (RFC 9110, 11.6.2). It goes to the origin of the URL
    /// alone, and not where redirects lead to another.
    #[must_use]
    pub fn authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.authorization = Some(value);
        self
    }

    /// The host of the URL.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The request to `url`, which is the first one or what a redirect leads to.
    pub(crate) fn request_to(&self, url: &Url) -> http::request::Builder {
        let mut request = Request::builder().method(self.method.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match &self.authorization {
            Some(value) if url.origin() == self.url.origin() => {
                request.header(AUTHORIZATION, value)
            }
            _ => request,
        }
    }
}

impl fmt::Debug for Fetch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, crate::FetchPolicy::without_query(&self.url))
    }
}
