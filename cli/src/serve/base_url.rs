//! Where clients reach the mirror.

use axum::http::header::HOST;
use axum::http::request::Parts;
use url::Url;

use super::error::ServeError;

/// Where clients reach the mirror, as URLs in decisions begin.
#[derive(Debug, Clone)]
pub enum BaseUrl {
    /// As the operator says, without a slash at the end.
    Configured(String),
    /// Where the client has sent its request, over this scheme.
    Requested {
        /// `https` or `http`.
        scheme: &'static str,
    },
}

impl BaseUrl {
    /// The URL for the client that has sent `request`, without a slash at the end.
    ///
    /// # Errors
    /// `InvalidField` for a request that does not say to whom it was sent.
    pub fn of_request(&self, request: &Parts) -> Result<String, ServeError> {
        let scheme = match self {
            Self::Configured(url) => return Ok(url.clone()),
            Self::Requested { scheme } => scheme,
        };
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok());
        let url = host.and_then(|host| Url::parse(&format!("{scheme}://{host}")).ok());
        // A host and a port, and nothing else.
        let url = url.filter(|url| {
            (url.path(), url.query(), url.fragment()) == ("/", None, None)
                && (url.username(), url.password()) == ("", None)
                && url.host().is_some()
        });
        let url = url.ok_or_else(|| ServeError::InvalidField {
            field: Some("Host".to_owned()),
            message: "the request does not say which host it was sent to".to_owned(),
        })?;
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }
}
