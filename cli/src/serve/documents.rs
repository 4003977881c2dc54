//! Manifests, bundles and keys: handed out as they were verified.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use slipway_domain::{Sha256, SnapshotId};

use super::error::ServeError;
use crate::store::{Current, Store, StoredDocument};

const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const REVALIDATED: &str = "no-cache";

/// `GET /v1/snapshots/latest`: the manifest of the snapshot that is served.
pub async fn latest(
    State(store): State<Store>,
    headers: HeaderMap,
) -> Result<Response, ServeError> {
    let current = current(&store)?;
    document(&store, &current.snapshot_id, StoredDocument::Manifest, REVALIDATED, &headers)
}

/// `GET /v1/snapshots/{snapshot_id}`: the manifest of a snapshot that is kept.
pub async fn manifest(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ServeError> {
    document(&store, &kept(&store, &id)?, StoredDocument::Manifest, IMMUTABLE, &headers)
}

/// `GET /v1/snapshots/{snapshot_id}/bundle`: its bundle.
pub async fn bundle(
    State(store): State<Store>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ServeError> {
    document(&store, &kept(&store, &id)?, StoredDocument::Bundle, IMMUTABLE, &headers)
}

/// `GET /v1/keys`: the keys that the served snapshot was verified with. Whoever trusts no mirror
/// has the vendor's own.
pub async fn keys(State(store): State<Store>, headers: HeaderMap) -> Result<Response, ServeError> {
    let current = current(&store)?;
    document(&store, &current.snapshot_id, StoredDocument::Keys, REVALIDATED, &headers)
}

/// `GET /health`: whether there is something to serve.
pub async fn health(State(store): State<Store>) -> Result<Response, ServeError> {
    let current = current(&store)?;
    let body = serde_json::json!({ "status": "ok", "snapshot_id": current.snapshot_id, "sequence": current.sequence });
    Ok(axum::Json(body).into_response())
}

fn current(store: &Store) -> Result<Current, ServeError> {
    store.current()?.ok_or(ServeError::Empty)
}

/// The snapshot that is asked for, if it is one that is kept: no other text becomes part of a path.
fn kept(store: &Store, id: &str) -> Result<SnapshotId, ServeError> {
    let id =
        id.parse().ok().filter(|id| current(store).is_ok_and(|current| current.kept.contains(id)));
    id.ok_or(ServeError::NotFound("snapshot"))
}

fn document(
    store: &Store,
    id: &SnapshotId,
    document: StoredDocument,
    caching: &'static str,
    headers: &HeaderMap,
) -> Result<Response, ServeError> {
    let bytes = store.document(id, document)?;
    let etag = format!("\"{}\"", Sha256::of(&bytes));
    if is_not_modified(headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag), (CACHE_CONTROL, caching.to_owned())])
            .into_response());
    }
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (ETAG, etag),
        (CACHE_CONTROL, caching.to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// Whether the client has it already (RFC 9110, section 13.1.2).
pub fn is_not_modified(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|tags| {
        tags.split(',')
            .any(|tag| matches!(tag.trim(), "*") || tag.trim().trim_start_matches("W/") == etag)
    })
}
