//! Decisions from the snapshot that is served.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use slipway_domain::decision::{DecisionList, DecisionRequest, DecisionResponse, UpdateCheck};
use slipway_domain::release::ReleaseArtifact;
use slipway_domain::{Sha256, SnapshotId, Timestamp};

use super::base_url::BaseUrl;
use super::decision_index::{DecisionIndex, IndexedSnapshot};
use super::decision_limits::DecisionLimits;
use super::decision_request::{ReceivedRequest, announced_length};
use super::documents::Served;
use super::error::ServeError;
use super::file::REVALIDATED;
use super::json_response::JsonResponse;
use crate::clock;
use crate::decision_key::DecisionKey;

/// How a mirror decides.
#[derive(Debug, Clone)]
pub struct Decisions {
    index: DecisionIndex,
    key: Option<Arc<DecisionKey>>,
    base_url: BaseUrl,
    limits: DecisionLimits,
}

/// What vouches for a decision: the snapshot that it rests on, which its vendor has signed.
#[derive(Debug, Serialize)]
struct Evidence {
    snapshot_id: SnapshotId,
    sequence: u64,
    manifest_url: String,
    manifest_sha256: Sha256,
    key_id: String,
}

/// A decision response of a mirror.
#[derive(Debug, Serialize)]
struct MirrorResponse {
    #[serde(flatten)]
    response: DecisionResponse,
    evidence: Evidence,
}

/// The same where the mirror has no key of its own.
#[derive(Debug, Serialize)]
struct UnsignedResponse {
    #[serde(flatten)]
    response: MirrorResponse,
    signed: bool,
}

impl Decisions {
    /// Decisions that are signed with `key`, if there is one, and that name the mirror by
    /// `base_url`.
    #[must_use]
    pub fn new(key: Option<DecisionKey>, base_url: BaseUrl) -> Self {
        let (index, limits) = (DecisionIndex::default(), DecisionLimits::default());
        Self { index, key: key.map(Arc::new), base_url, limits }
    }
}

/// `POST /v1/decision`: what installed clients should do, from the snapshot that is served.
pub async fn decide(
    State(served): State<Served>,
    request: Request,
) -> Result<Response, ServeError> {
    let Decisions { index, key, base_url, limits } = &served.decisions;
    let (head, body) = request.into_parts();
    let base_url = base_url.of_request(&head)?;
    let announced = announced_length(&head)?;
    let _held = limits.body(announced).await?;
    let received = ReceivedRequest::read(body).await?;
    let snapshot = index.current(&served.store).await?;
    let (key, computing) = (key.clone(), limits.computation().await?);
    // Some milliseconds for a hundred products: not on a thread that serves others.
    let answered = tokio::task::spawn_blocking(move || {
        answer(&snapshot, received, &base_url, clock::now(), key.as_deref())
    });
    let json = answered.await.map_err(|error| ServeError::Internal(error.to_string()))??;
    drop(computing);
    let leave = limits.answer(json.len()).await?;
    Ok(JsonResponse { json, leave }.into_response())
}

/// `GET /v1/decision-keys`: the key that this mirror signs decisions with. It is none of the
/// vendor's.
pub async fn keys(State(served): State<Served>, _: Parts) -> Result<Response, ServeError> {
    let key = served.decisions.key.as_ref().ok_or(ServeError::NotFound("decision key"))?;
    let caching = [(CACHE_CONTROL, REVALIDATED)];
    Ok((caching, axum::Json(key.keys())).into_response())
}

fn answer(
    snapshot: &IndexedSnapshot,
    received: ReceivedRequest,
    base_url: &str,
    now: Timestamp,
    key: Option<&DecisionKey>,
) -> Result<Vec<u8>, ServeError> {
    let ReceivedRequest { request: DecisionRequest { products, nonce }, sha256 } = received;
    let mut decisions = DecisionList::default();
    for product in products {
        let check = UpdateCheck::from(product);
        decisions.push(snapshot.catalog.decide(&check, |artifact| locate(base_url, artifact)));
    }
    // As the vendor's: times to the millisecond.
    let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    let response = DecisionResponse::new(decisions.finish(), nonce, sha256, now);
    let response = MirrorResponse {
        response: response.ending_by(snapshot.expires_at),
        evidence: Evidence {
            snapshot_id: snapshot.snapshot_id.clone(),
            sequence: snapshot.sequence,
            manifest_url: format!("{base_url}/v1/snapshots/{}", snapshot.snapshot_id),
            manifest_sha256: snapshot.manifest_sha256,
            key_id: snapshot.key_id.clone(),
        },
    };
    let json = match key {
        Some(key) => {
            let signed = key.sign(response);
            serde_json::to_vec(&signed.map_err(|error| ServeError::Internal(error.to_string()))?)
        }
        None => serde_json::to_vec(&UnsignedResponse { response, signed: false }),
    };
    json.map_err(|error| ServeError::Internal(error.to_string()))
}

/// Where an artifact is: here, or at the external address of one that is not.
fn locate(base_url: &str, artifact: &ReleaseArtifact) -> String {
    artifact.external_url.as_ref().map_or_else(
        || format!("{base_url}/artifacts/{}", artifact.sha256),
        |url| url.as_str().to_owned(),
    )
}
