//! `Idempotency-Key`: a request that comes twice happens once.

use std::sync::Arc;

use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};
use slipway_aws::Meter;
use slipway_catalog::{
    IdempotencyRecord, IdempotencyStore, IdempotentRequest, Reader, StoredResponse,
};
use slipway_domain::{Code, Error, Principal, Result, Sha256, Timestamp};

use crate::error::RequestError;
use crate::output::ResponseParts;
use crate::request::Request;
use crate::services::Services;

const HEADER: &str = "idempotency-key";

/// Whether an answer was made now or before.
pub(crate) enum Idempotent {
    /// The request was carried out.
    First(ResponseParts),
    /// It had been carried out before, with this answer.
    Replay(ResponseParts),
}

/// What `request` of `op` is to the idempotency store, if it brings a key.
///
/// # Errors
/// `invalid_field` for a key of another form.
pub(crate) fn idempotent_request(
    op: &'static str,
    services: &Services,
    request: &Request,
    principal: &Principal,
) -> Result<Option<IdempotentRequest>> {
    let idempotent = |key| {
        let now = services.clock.now();
        IdempotentRequest::new(&principal.idempotency_scope(), op, key, digest(request), now)
    };
    Ok(key(request)?.map(idempotent))
}

/// Carries out `request` by `call`, unless it was answered before. The transaction that makes its
/// change stores its response too; where nothing was changed, the response is stored here. A
/// request that fails, or has to be repeated, stores none.
///
/// # Errors
/// `idempotency_conflict`, or what `call` fails with.
pub(crate) async fn once(
    services: &Services,
    request: &IdempotentRequest,
    meter: &Meter,
    call: impl Future<Output = Result<ResponseParts, RequestError>>,
) -> Result<Idempotent, RequestError> {
    let store = IdempotencyStore::new(services.table.metered(meter));
    if let Some(earlier) = store.find_eventually(request).await? {
        return Ok(Idempotent::Replay(restored(earlier)?));
    }
    let outcome = match call.await {
        Ok(response) if response.is_result && !request.is_stored() => {
            let stored = store.store(&record(request, &response)?).await;
            stored.map(|()| response).map_err(Into::into)
        }
        outcome => outcome,
    };
    match outcome {
        Ok(response) => Ok(Idempotent::First(response)),
        // It may have failed because a repetition was faster.
        Err(error) => match store.find(request).await? {
            Some(earlier) => Ok(Idempotent::Replay(restored(earlier)?)),
            None => Err(error),
        },
    }
}

/// Checks that what a replayed response says was made is still there, and that a URL in it still
/// works: a repetition must not report as live what was revoked in between.
///
/// # Errors
/// `stale_state`.
pub(crate) async fn refuse_stale_replay(
    services: &Services,
    meter: &Meter,
    principal: Arc<Principal>,
    reply: &ResponseParts,
) -> Result<()> {
    let now = services.clock.now();
    let location = reply.headers.iter().find(|(name, _)| *name == LOCATION);
    let location = location.map(|(_, location)| location.as_str());
    if let Some(location) = location {
        let reader = Reader::new(services.table.metered(meter), principal);
        reader.refuse_stale_replay(location, now).await?;
    }
    match reply.valid_until.filter(|end| *end <= now) {
        Some(end) => Err(expired(end, location)),
        None => Ok(()),
    }
}

/// The refusal of a response whose URL worked until `end`, and which names what is at `location`.
fn expired(end: Timestamp, location: Option<&str>) -> Error {
    let message = format!(
        "the first request with this key was answered a URL that expired at {end}; use a new key for a new URL"
    );
    let expired = Error::new(Code::StaleState, message).at("Idempotency-Key");
    match location {
        Some(location) => expired.with(serde_json::json!({ "location": location })),
        None => expired,
    }
}

/// The record of `request` with its response.
///
/// # Errors
/// `internal` for a response that can't be written.
pub(crate) fn record(
    request: &IdempotentRequest,
    response: &ResponseParts,
) -> Result<IdempotencyRecord> {
    request.record(stored(response))
}

fn key(request: &Request) -> Result<Option<&str>> {
    let Some(value) = request.headers.get(HEADER) else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| {
        (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    key.map(Some).ok_or_else(|| {
        Error::invalid("Idempotency-Key", "1 to 128 visible ASCII characters, such as a UUID")
    })
}

fn digest(request: &Request) -> Sha256 {
    let parts = [
        request.method.as_bytes(),
        request.path.as_bytes(),
        request.query.as_bytes(),
        &request.body,
    ];
    Sha256::of(&parts.map(|part| Sha256::of(part).as_bytes().to_vec()).concat())
}

fn stored(reply: &ResponseParts) -> StoredResponse {
    let body = reply.replay.as_ref().unwrap_or(&reply.body);
    StoredResponse {
        status: reply.status.as_u16(),
        headers: reply
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect(),
        valid_until: reply.valid_until,
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

fn restored(answer: StoredResponse) -> Result<ResponseParts> {
    let header = |(name, value): (String, String)| {
        Ok((name.parse::<HeaderName>().map_err(Error::internal)?, value))
    };
    Ok(ResponseParts {
        status: StatusCode::from_u16(answer.status).map_err(Error::internal)?,
        headers: answer.headers.into_iter().map(header).collect::<Result<_>>()?,
        body: answer.body.into(),
        replay: None,
        valid_until: answer.valid_until,
        is_result: true,
    })
}

/// Marks a response as one that was given before.
pub(crate) const REPLAYED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));
