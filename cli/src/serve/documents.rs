//! Manifests, bundles and keys: handed out as they were verified.

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use slipway_domain::SnapshotId;

use super::decision::Decisions;
use super::digests::FileDigests;
use super::error::ServeError;
use super::file::{IMMUTABLE, REVALIDATED, StaticFile};
use crate::store::{Current, Store, StoredDocument};

/// What is served.
#[derive(Debug, Clone)]
pub struct Served {
    /// The mirror's directory.
    pub store: Store,
    /// How decisions are made on it.
    pub decisions: Decisions,
    digests: FileDigests,
}

impl Served {
    /// What is in `store`.
    #[must_use]
    pub fn new(store: Store, decisions: Decisions) -> Self {
        Self { store, decisions, digests: FileDigests::default() }
    }

    fn current(&self) -> Result<Current, ServeError> {
        self.store.current()?.ok_or(ServeError::Empty)
    }

    /// The snapshot that is asked for, if it is one that is kept: no other text becomes part of a
    /// path.
    fn kept(&self, id: &str) -> Result<SnapshotId, ServeError> {
        let is_kept = |id: &_| self.current().is_ok_and(|current| current.kept.contains(id));
        id.parse().ok().filter(is_kept).ok_or(ServeError::NotFound("snapshot"))
    }

    async fn document(
        &self,
        id: &SnapshotId,
        document: StoredDocument,
        caching: HeaderValue,
        request: &Parts,
    ) -> Result<Response, ServeError> {
        let path = self.store.document_path(id, document);
        let sha256 = self.digests.of(&path).await?;
        let content_type = HeaderValue::from_static("application/json");
        StaticFile { path, sha256, content_type, caching }.respond(request).await
    }
}

/// `GET /v1/snapshots/latest`: the manifest of the snapshot that is served.
pub async fn latest(State(served): State<Served>, request: Parts) -> Result<Response, ServeError> {
    let id = served.current()?.snapshot_id;
    served.document(&id, StoredDocument::Manifest, REVALIDATED, &request).await
}

/// `GET /v1/snapshots/{snapshot_id}`: the manifest of a snapshot that is kept.
pub async fn manifest(
    State(served): State<Served>,
    Path(id): Path<String>,
    request: Parts,
) -> Result<Response, ServeError> {
    let id = served.kept(&id)?;
    served.document(&id, StoredDocument::Manifest, IMMUTABLE, &request).await
}

/// `GET /v1/snapshots/{snapshot_id}/bundle`: its bundle.
pub async fn bundle(
    State(served): State<Served>,
    Path(id): Path<String>,
    request: Parts,
) -> Result<Response, ServeError> {
    let id = served.kept(&id)?;
    served.document(&id, StoredDocument::Bundle, IMMUTABLE, &request).await
}

/// `GET /v1/keys`: the keys that the served snapshot was verified with. Whoever trusts no mirror
/// has the vendor's own.
pub async fn keys(State(served): State<Served>, request: Parts) -> Result<Response, ServeError> {
    let id = served.current()?.snapshot_id;
    served.document(&id, StoredDocument::Keys, REVALIDATED, &request).await
}

/// `GET /health`: whether there is something to serve.
pub async fn health(State(served): State<Served>) -> Result<Response, ServeError> {
    let current = served.current()?;
    let body = serde_json::json!({ "status": "ok", "snapshot_id": current.snapshot_id, "sequence": current.sequence });
    Ok(axum::Json(body).into_response())
}
