//! The frame itself: what happens to every request, whatever endpoint it is for.

use std::error::Error as StdError;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use slipway_aws::Meter;
use slipway_catalog::IdempotentRequest;
use slipway_domain::{Code, EntityTag, Error, Principal, Result};

use crate::auth::admit;
use crate::ctx::Caller;
use crate::deadline::Invocation;
use crate::endpoint::Operation;
use crate::error::{ErrorCode, HttpCode, RequestError};
use crate::idempotency::{Idempotent, REPLAYED, idempotent_request, once, refuse_stale_replay};
use crate::job::DynJob;
use crate::output::ResponseParts;
use crate::payload;
use crate::problem;
use crate::request::{Request, Response};
use crate::route::HttpMethod;
use crate::services::Services;
use crate::telemetry::{LogRecord, Stopwatch};
use crate::time_limit::TimeLimit;

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

/// Answers `request` with `operation`, however long that takes.
pub async fn answer(
    operation: &dyn Operation,
    services: &Arc<Services>,
    request: &Request,
) -> Handled {
    answer_within(operation, services, request, TimeLimit::None).await
}

/// Answers `request` with `operation` before `limit` is over: 503, if it would take longer.
pub async fn answer_within(
    operation: &dyn Operation,
    services: &Arc<Services>,
    request: &Request,
    limit: TimeLimit,
) -> Handled {
    let (watch, meter) = (Stopwatch::start(services.clock.now()), Meter::default());
    let route = operation.route();
    let mut actor = Principal::anonymous().actor().to_owned();
    // On the heap: it holds all that a handler awaits.
    let serving = Box::pin(serve(operation, services, request, &meter, &mut actor));
    let outcome = limit.hold(serving).await.and_then(sendable);
    let failure = outcome.as_ref().err().map(|error| (error.code(), error as &dyn StdError));
    let mut record = watch.record(route.op, &request.request_id, &actor, &meter, failure);
    let response = match outcome {
        Ok(response) if route.verb == HttpMethod::Get => revalidated(request, response),
        Ok(response) => response,
        Err(error) => refusal(&error, &request.request_id),
    };
    let response = completed(request, response);
    record.status = Some(response.status().as_u16());
    Handled { response, record }
}

/// Refuses a request that no operation is there for.
pub(crate) fn reject(request: &Request, error: &RequestError) -> Response {
    completed(request, refusal(error, &request.request_id))
}

/// A response with what every one has, and without its body where only the head was asked for.
fn completed(request: &Request, response: Response) -> Response {
    let response = dressed(response, &request.request_id);
    if request.method == "HEAD" { without_body(response) } else { response }
}

/// Carries out `task` for an event, however long that takes.
///
/// # Errors
/// What the task fails with, already logged in the record: AWS shall deliver the event again.
pub async fn perform(
    task: &dyn DynJob,
    services: &Arc<Services>,
    event: Value,
    invocation: &Invocation,
) -> (Result<()>, LogRecord) {
    perform_within(task, services, event, invocation, TimeLimit::None).await
}

/// Carries out `task` for an event before `limit` is over.
///
/// # Errors
/// As for [`perform`]; `unavailable`, if it would take longer.
pub async fn perform_within(
    task: &dyn DynJob,
    services: &Arc<Services>,
    event: Value,
    invocation: &Invocation,
    limit: TimeLimit,
) -> (Result<()>, LogRecord) {
    let (watch, meter) = (Stopwatch::start(services.clock.now()), Meter::default());
    let outcome = limit.hold(task.call(services, event, invocation, &meter)).await;
    let failure = outcome.as_ref().err();
    let failure = failure.map(|error| (ErrorCode::Domain(error.code()), error as &dyn StdError));
    let (request_id, principal) = (&invocation.request_id, Principal::job(task.name()));
    let record = watch.record(task.name(), request_id, principal.actor(), &meter, failure);
    (outcome, record)
}

async fn serve(
    operation: &dyn Operation,
    services: &Arc<Services>,
    request: &Request,
    meter: &Meter,
    actor: &mut String,
) -> Result<Response, RequestError> {
    if request.body.len() > MAX_BODY {
        let message =
            format!("the body has {} bytes; at most {MAX_BODY} are taken", request.body.len());
        return Err(Error::new(HttpCode::BodyTooLarge, message).into());
    }
    let route = operation.route();
    let principal = match operation.authenticator() {
        Some(authenticator) => authenticator.authenticate(services, request, meter).await?,
        None => admit(route.access, services, request, meter).await?,
    };
    principal.actor().clone_into(actor);
    let idempotent = if route.idempotent {
        idempotent_request(route.op, services, request, &principal)?
    } else {
        None
    };
    let principal = Arc::new(principal);
    let carried_out =
        carried_out(operation, services, request, meter, (principal.clone(), idempotent)).await;
    carried_out.map_err(|error| error.told_to(&principal))
}

/// Has the operation done, or answers what was answered before.
async fn carried_out(
    operation: &dyn Operation,
    services: &Arc<Services>,
    request: &Request,
    meter: &Meter,
    (principal, idempotent): (Arc<Principal>, Option<IdempotentRequest>),
) -> Result<Response, RequestError> {
    let caller = Caller { principal: principal.clone(), idempotent: idempotent.clone() };
    let call = operation.call(services, request, caller, meter);
    let Some(idempotent) = idempotent else { return Ok(response(call.await?)?) };
    match once(services, &idempotent, meter, call).await? {
        Idempotent::First(reply) => Ok(response(reply)?),
        Idempotent::Replay(reply) => {
            refuse_stale_replay(services, meter, principal, &reply).await?;
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

/// Refuses a response that Lambda would not take: of what it refuses itself, neither the caller nor
/// the function's log would learn the reason.
fn sendable(response: Response) -> Result<Response, RequestError> {
    let length = payload::encoded_length(response.body());
    if length <= payload::MAX_BODY {
        return Ok(response);
    }
    let most = payload::MAX_BODY;
    let message = format!(
        "the response would have {length} bytes, and {most} can be sent; ask for less at once"
    );
    Err(Error::new(HttpCode::ResponseTooLarge, message).into())
}

/// What every response to a GET gets: an entity tag, leave to keep it for revalidation, and 304
/// where the caller has it.
fn revalidated(request: &Request, mut response: Response) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let tag = EntityTag::of_representation(response.body());
    let known = tag.is_in_if_none_match(request.header_values(IF_NONE_MATCH));
    if let Ok(tag) = HeaderValue::from_str(tag.as_str()) {
        response.headers_mut().insert(ETAG, tag);
    }
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Bytes::new();
        response.headers_mut().remove(CONTENT_TYPE);
    }
    response
}

fn refusal(error: &RequestError, request_id: &str) -> Response {
    let mut response = problem::response(error, request_id);
    let extra = match error.code() {
        ErrorCode::Domain(code) if code.is_unauthenticated() => {
            Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"slipway\"")))
        }
        ErrorCode::Domain(Code::Contention | Code::Unavailable | Code::IdempotencyInProgress) => {
            Some((RETRY_AFTER, HeaderValue::from_static("5")))
        }
        ErrorCode::Domain(Code::IssuerUnavailable) => {
            Some((RETRY_AFTER, HeaderValue::from_static("10")))
        }
        ErrorCode::Domain(Code::RateLimited) => retry_after(error),
        _ => None,
    };
    response.headers_mut().extend(extra);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// When the caller may try again, as the error says it.
fn retry_after(error: &RequestError) -> Option<(HeaderName, HeaderValue)> {
    let seconds = error.details()?.get("retry_after_seconds")?.as_i64()?;
    Some((RETRY_AFTER, HeaderValue::from(seconds)))
}

fn dressed(mut response: Response, request_id: &str) -> Response {
    if !response.body().is_empty() {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().entry(CONTENT_TYPE).or_insert(json);
    }
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The answer to HEAD: that to GET with the length of its body, but without it (RFC 9110, section
/// 9.3.2).
fn without_body(mut response: Response) -> Response {
    let length = response.body().len();
    if length > 0 {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        *response.body_mut() = Bytes::new();
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(body: &'static str) -> Response {
        Response::new(Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn a_body_is_json_unless_its_output_says_otherwise() {
        let content_type =
            |response: Response| dressed(response, "id").headers().get(CONTENT_TYPE).cloned();
        assert_eq!(content_type(ok("{}")).unwrap(), "application/json");
        assert_eq!(content_type(ok("")), None);
        let mut text = ok("hello");
        text.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        assert_eq!(content_type(text).unwrap(), "text/plain");
    }

    #[test]
    fn what_the_caller_has_is_not_sent_again_and_public_caching_stays() {
        let public = || {
            let mut response = ok("{}");
            let policy = HeaderValue::from_static("public, max-age=60");
            response.headers_mut().insert(CACHE_CONTROL, policy);
            response
        };
        let mut request = Request::for_test("/v1/keys", "");
        let first = revalidated(&request, public());
        assert_eq!(first.headers()[CACHE_CONTROL], "public, max-age=60");
        request.headers.insert(IF_NONE_MATCH, first.headers()[ETAG].clone());
        let second = revalidated(&request, public());
        assert_eq!((second.status(), second.body().len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(second.headers()[ETAG], first.headers()[ETAG]);
        assert_eq!(second.headers()[CACHE_CONTROL], "public, max-age=60");
    }

    #[test]
    fn what_lambda_would_not_take_is_refused_and_nothing_less() {
        let answer = |length| sendable(Response::new("a".repeat(length).into()));
        assert!(answer(4_600_000).is_ok() && answer(payload::MAX_BODY).is_ok());
        let refused = answer(payload::MAX_BODY + 1).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Http(HttpCode::ResponseTooLarge));
    }

    #[test]
    fn head_is_get_without_the_body() {
        let request = Request::for_test("/v1/keys", "");
        let get = dressed(revalidated(&request, ok("{}")), "id");
        let head = without_body(get.clone());
        assert_eq!((head.status(), head.body().len()), (StatusCode::OK, 0));
        assert_eq!(head.headers()[CONTENT_LENGTH], "2");
        for (name, value) in get.headers() {
            assert_eq!(head.headers().get(name), Some(value), "{name}");
        }
    }
}
