//! Lambda, as far as functions call it: `Invoke` with the invocation type `Event`
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>), which puts a message into the
//! queue of asynchronous invocations.

mod queue;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};
use slipway_edge::Response;

pub use self::queue::{InvocationQueue, QueuedInvocation};

/// The longest message of an asynchronous invocation, 256 KB.
const MAX_MESSAGE: usize = 256 << 10;

/// Takes the request of a function that starts a job of `stack`.
pub async fn answer(
    queue: &InvocationQueue,
    stack: &str,
    request: http::Request<Incoming>,
) -> Response {
    match invoke(queue, stack, request).await {
        Ok(()) => response(StatusCode::ACCEPTED, Bytes::new()),
        Err((status, kind, message)) => {
            let body = json!({ "Type": "User", "Message": message }).to_string();
            let mut response = response(status, body.into());
            response.headers_mut().extend([(
                http::HeaderName::from_static("x-amzn-errortype"),
                http::HeaderValue::from_static(kind),
            )]);
            response
        }
    }
}

/// Status, type and message of a refusal, as Lambda has them.
type Refusal = (StatusCode, &'static str, String);

async fn invoke(
    queue: &InvocationQueue,
    stack: &str,
    request: http::Request<Incoming>,
) -> Result<(), Refusal> {
    let (head, body) = request.into_parts();
    let job = invoked_job(&head, stack)?;
    let asynchronous =
        head.headers.get("x-amz-invocation-type").is_some_and(|kind| kind == "Event");
    if !asynchronous {
        return Err(invalid("this stack starts functions with the invocation type Event only"));
    }
    let body = Limited::new(body, MAX_MESSAGE).collect().await;
    let body = body.map_err(|error| {
        (StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", error.to_string())
    })?;
    let message: Value = serde_json::from_slice(&body.to_bytes())
        .map_err(|error| invalid(&format!("Could not parse request body into json: {error}")))?;
    queue
        .push(job, message)
        .await
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", error.to_string()))
}

/// The job that the path names: `/2015-03-31/functions/{stack}-{job}/invocations`.
fn invoked_job(head: &http::request::Parts, stack: &str) -> Result<String, Refusal> {
    let function = head.uri.path().strip_prefix("/2015-03-31/functions/");
    let function = function.and_then(|rest| rest.strip_suffix("/invocations"));
    let job = function.and_then(|name| name.strip_prefix(stack)?.strip_prefix('-'));
    let known = job.filter(|job| {
        head.method == Method::POST
            && slipway_registry::jobs().iter().any(|known| known.name() == *job)
    });
    known.map(str::to_owned).ok_or_else(|| {
        let message = format!("Function not found: {}", head.uri.path());
        (StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
    })
}

fn invalid(message: &str) -> Refusal {
    (StatusCode::BAD_REQUEST, "InvalidRequestContentException", message.to_owned())
}

fn response(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
