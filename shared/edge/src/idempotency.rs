//! `Idempotency-Key`: a request that comes twice happens once.

use http::{HeaderName, HeaderValue, StatusCode};
use slipway_aws::Meter;
use slipway_catalog::{ClaimOutcome, IdempotencyStore, StoredResponse};
use slipway_domain::{Code, Error, Principal, Result, Sha256};

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

/// Carries out `request` of `op` by `call`, unless its key says that this has happened already.
///
/// # Errors
/// `idempotency_conflict`, `idempotency_in_progress`, or what `call` fails with; a failure frees
/// the key.
pub(crate) async fn once(
    op: &'static str,
    services: &Services,
    request: &Request,
    principal: &Principal,
    meter: &Meter,
    call: impl Future<Output = Result<ResponseParts>>,
) -> Result<Idempotent> {
    let Some(key) = key(request)? else { return call.await.map(Idempotent::First) };
    let store = IdempotencyStore::new(services.table.metered(meter));
    let claim = match store
        .claim(principal.actor(), op, key, digest(request), services.clock.now())
        .await?
    {
        ClaimOutcome::First(claim) => claim,
        ClaimOutcome::Replay(answer) => return restored(answer).map(Idempotent::Replay),
        ClaimOutcome::InProgress => {
            let message = "the first request with this key is still running; ask again in a minute";
            return Err(Error::new(Code::IdempotencyInProgress, message).at("Idempotency-Key"));
        }
        ClaimOutcome::Conflict => {
            let message =
                "this key came with another request before; use a new key for a new request";
            return Err(Error::new(Code::IdempotencyConflict, message).at("Idempotency-Key"));
        }
    };
    match call.await {
        Ok(reply) => {
            store.complete(&claim, stored(&reply), services.clock.now()).await?;
            Ok(Idempotent::First(reply))
        }
        Err(error) => {
            store.release(&claim).await?;
            Err(error)
        }
    }
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
    })
}

/// Marks a response as one that was given before.
pub(crate) const REPLAYED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));
