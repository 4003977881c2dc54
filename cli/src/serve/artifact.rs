//! Artifacts by their digest. Ranges and streaming are tower-http's.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_RANGE, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use slipway_domain::Sha256;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::documents::is_not_modified;
use super::error::ServeError;
use crate::store::Store;

/// `GET /artifacts/{sha256}`: the bytes with that digest, whole or in part.
pub async fn artifact(
    State(store): State<Store>,
    Path(name): Path<String>,
    mut request: Request,
) -> Result<Response, ServeError> {
    // What is no digest never becomes part of a path; upper case would be a second name for the
    // same thing.
    let sha256: Sha256 = name
        .parse()
        .ok()
        .filter(|sha256: &Sha256| sha256.to_string() == name)
        .ok_or(ServeError::NotFound("artifact"))?;
    let path = store.blob(&sha256);
    if !path.is_file() {
        return Err(ServeError::NotFound("artifact"));
    }
    let etag = format!("\"{sha256}\"");
    if is_not_modified(request.headers(), &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    // A part of something else is of no use: then the whole is sent (RFC 9110, section 13.1.5).
    if request
        .headers()
        .get(IF_RANGE)
        .is_some_and(|condition| condition.as_bytes() != etag.as_bytes())
    {
        request.headers_mut().remove(RANGE);
    }
    // The digest says all about whether something has changed; the file's time says when it came
    // here.
    request.headers_mut().remove(IF_MODIFIED_SINCE);
    let Ok(response) = ServeFile::new(path).oneshot(request).await;
    Ok(dressed(response.map(Body::new), &etag))
}

fn dressed(mut response: Response, etag: &str) -> Response {
    let headers = response.headers_mut();
    headers.remove(LAST_MODIFIED);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(ETAG, etag);
    }
    response
}
