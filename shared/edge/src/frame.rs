//! The frame itself: what happens to every request, whatever endpoint it is for.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use slipway_aws::Meter;
use slipway_domain::{Code, Error, Principal, Result};

use crate::auth::admit;
use crate::ctx::etag;
use crate::endpoint::Operation;
use crate::idempotency::{Idempotent, REPLAYED, once};
use crate::job::DynJob;
use crate::output::ResponseParts;
use crate::problem;
use crate::request::{Request, Response};
use crate::route::HttpMethod;
use crate::services::Services;
use crate::telemetry::{LogRecord, Stopwatch};

/// The largest request body, 1 MiB.
pub const MAX_BODY: usize = 1 << 20;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A response, and the line for the log.
#[derive(Debug)]
pub struct Handled {
    /// What the caller gets.
    pub response: Response,
    /// What the log gets.
    pub record: LogRecord,
}

/// Answers `request` with `operation`.
pub async fn answer(
    operation: &dyn Operation,
    services: &Arc<Services>,
    request: &Request,
) -> Handled {
    let (watch, meter) = (Stopwatch::start(services.clock.now()), Meter::default());
    let route = operation.route();
    let mut actor = Principal::anonymous().actor().to_owned();
    let outcome = serve(operation, services, request, &meter, &mut actor).await;
    let mut record =
        watch.record(route.op, &request.request_id, &actor, &meter, outcome.as_ref().err());
    let response = match outcome {
        Ok(response) if route.verb == HttpMethod::Get => revalidated(request, response),
        Ok(response) => response,
        Err(error) => refusal(&error, &request.request_id),
    };
    let response = dressed(response, &request.request_id);
    record.status = Some(response.status().as_u16());
    Handled { response, record }
}

/// Answers a request that no operation is there for.
#[must_use]
pub fn reject(error: &Error, request_id: &str) -> Response {
    dressed(refusal(error, request_id), request_id)
}

/// Carries out `task` for an event.
///
/// # Errors
/// What the task fails with, already logged in the record: AWS shall deliver the event again.
pub async fn perform(
    task: &dyn DynJob,
    services: &Arc<Services>,
    event: Value,
    request_id: &str,
) -> (Result<()>, LogRecord) {
    let (watch, meter) = (Stopwatch::start(services.clock.now()), Meter::default());
    let outcome = task.call(services, event, request_id, &meter).await;
    let record = watch.record(
        task.name(),
        request_id,
        Principal::job(task.name()).actor(),
        &meter,
        outcome.as_ref().err(),
    );
    (outcome, record)
}

async fn serve(
    operation: &dyn Operation,
    services: &Arc<Services>,
    request: &Request,
    meter: &Meter,
    actor: &mut String,
) -> Result<Response> {
    if request.body.len() > MAX_BODY {
        return Err(Error::new(
            Code::BodyTooLarge,
            format!("the body has {} bytes; at most {MAX_BODY} are taken", request.body.len()),
        ));
    }
    let route = operation.route();
    let principal = admit(route.access, services, request, meter).await?;
    principal.actor().clone_into(actor);
    let call = operation.call(services, request, principal.clone(), meter);
    if !route.idempotent {
        return response(call.await?);
    }
    match once(route.op, services, request, &principal, meter, call).await? {
        Idempotent::First(reply) => response(reply),
        Idempotent::Replay(reply) => {
            let mut response = response(reply)?;
            response.headers_mut().extend([REPLAYED]);
            Ok(response)
        }
    }
}

fn response(reply: ResponseParts) -> Result<Response> {
    let mut response = Response::new(reply.body);
    *response.status_mut() = reply.status;
    for (name, value) in reply.headers {
        response.headers_mut().insert(name, value.parse().map_err(Error::internal)?);
    }
    Ok(response)
}

/// What every response to a GET gets: an entity tag, leave to keep it for revalidation, and 304
/// where the caller has it.
fn revalidated(request: &Request, mut response: Response) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let tag = etag(response.body());
    let known = request.headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    // RFC 9110, section 13.1.2: If-None-Match compares weakly, so `W/` does not matter.
    let known = known.is_some_and(|tags| {
        tags.split(',').any(|known| {
            matches!(known.trim(), "*") || known.trim().trim_start_matches("W/") == tag
        })
    });
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Bytes::new();
    }
    response
}

fn refusal(error: &Error, request_id: &str) -> Response {
    let mut response = problem::response(error, request_id);
    let extra = match error.code() {
        Code::Unauthenticated => {
            Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"slipway\"")))
        }
        Code::Contention | Code::Unavailable | Code::IdempotencyInProgress => {
            Some((RETRY_AFTER, HeaderValue::from_static("5")))
        }
        _ => None,
    };
    response.headers_mut().extend(extra);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn dressed(mut response: Response, request_id: &str) -> Response {
    if !response.body().is_empty() {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
