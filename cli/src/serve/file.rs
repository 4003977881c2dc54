//! A file as a response: sent as it is read, piece by piece.

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LAST_MODIFIED, RANGE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use slipway_domain::{EntityTag, Sha256};
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::error::ServeError;
use super::range::Part;

/// For what never changes under its URL.
pub const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For what does.
pub const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

/// A file, and what is said about it.
pub struct StaticFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its digest, which is its entity tag.
    pub sha256: Sha256,
    /// Its media type.
    pub content_type: HeaderValue,
    /// How long it may be cached.
    pub caching: HeaderValue,
}

impl StaticFile {
    /// The response to `request`: all of the file, the part that is asked for, or that the client
    /// has it already.
    pub async fn respond(self, request: &Parts) -> Result<Response, ServeError> {
        let etag = EntityTag::of_digest(&self.sha256);
        let (method, headers) = (&request.method, &request.headers);
        let known = headers.get_all(IF_NONE_MATCH).into_iter();
        if etag.is_in_if_none_match(known.filter_map(|value| value.to_str().ok())) {
            return Ok(self.dressed(StatusCode::NOT_MODIFIED.into_response(), &etag));
        }
        let length = length(&self.path)?;
        // Ranges are for GET alone (RFC 9110, section 14.2).
        let part = if method == Method::GET {
            Part::of(headers, etag.as_str(), length)
        } else {
            Part::Whole
        };
        // The digest says all about whether something has changed, and of what a part is. So the
        // file's own time, which is when it came here, is neither asked nor told.
        let mut plain = Request::new(Body::empty());
        *plain.method_mut() = method.clone();
        match part {
            Part::Whole => {}
            Part::Range(first, last) => {
                let range = HeaderValue::from_str(&format!("bytes={first}-{last}"));
                plain.headers_mut().extend(range.ok().map(|range| (RANGE, range)));
            }
            Part::Unsatisfiable => return Err(ServeError::RangeNotSatisfiable(length)),
        }
        let Ok(response) = ServeFile::new(&self.path).oneshot(plain).await;
        Ok(self.dressed(response.map(Body::new), &etag))
    }

    fn dressed(self, mut response: Response, etag: &EntityTag) -> Response {
        let headers = response.headers_mut();
        headers.remove(LAST_MODIFIED);
        headers.insert(CONTENT_TYPE, self.content_type);
        headers.insert(CACHE_CONTROL, self.caching);
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        if let Ok(etag) = HeaderValue::from_str(etag.as_str()) {
            headers.insert(ETAG, etag);
        }
        response
    }
}

fn length(path: &Path) -> Result<u64, ServeError> {
    let metadata = path.metadata().map_err(crate::error::CliError::io(path))?;
    Ok(metadata.len())
}
