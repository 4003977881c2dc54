//! Artifacts by their digest.

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::Response;
use slipway_domain::Sha256;

use super::documents::Served;
use super::error::ServeError;
use super::file::{IMMUTABLE, StaticFile};

/// `GET /artifacts/{sha256}`: the bytes with that digest, whole or in part.
pub async fn artifact(
    State(served): State<Served>,
    Path(name): Path<String>,
    request: Parts,
) -> Result<Response, ServeError> {
    // What is no digest never becomes part of a path; upper case would be a second name for the
    // same thing.
    let sha256: Sha256 = name
        .parse()
        .ok()
        .filter(|sha256: &Sha256| sha256.to_string() == name)
        .ok_or(ServeError::NotFound("artifact"))?;
    let path = served.store.blob(&sha256);
    if !path.is_file() {
        return Err(ServeError::NotFound("artifact"));
    }
    let content_type = HeaderValue::from_static("application/octet-stream");
    StaticFile { path, sha256, content_type, caching: IMMUTABLE }.respond(&request).await
}
