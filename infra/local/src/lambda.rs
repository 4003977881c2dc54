//! Lambda, as far as functions call it: `Invoke` with the invocation type `Event`
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>), which puts a message into the
//! queue of asynchronous invocations.

mod queue;

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
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
        Err(error) => error.response(),
    }
}

/// An error as Lambda answers it.
struct InvokeError {
    status: StatusCode,
    /// Its name in the API of Lambda.
    kind: &'static str,
    message: String,
}

impl InvokeError {
    fn new(status: StatusCode, kind: &'static str, message: &impl ToString) -> Self {
        Self { status, kind, message: message.to_string() }
    }

    fn response(self) -> Response {
        let body = json!({ "Type": "User", "Message": self.message }).to_string();
        let mut response = response(self.status, body.into());
        let kind = HeaderValue::from_static(self.kind);
        response.headers_mut().insert("x-amzn-errortype", kind);
        response
    }
}

async fn invoke(
    queue: &InvocationQueue,
    stack: &str,
    request: http::Request<Incoming>,
) -> Result<(), InvokeError> {
    let (head, body) = request.into_parts();
    let job = invoked_job(&head, stack)?;
    let asynchronous =
        head.headers.get("x-amz-invocation-type").is_some_and(|kind| kind == "Event");
    if !asynchronous {
        return Err(invalid("this stack starts functions with the invocation type Event only"));
    }
    let body = Limited::new(body, MAX_MESSAGE).collect().await;
    let body = body.map_err(|error| {
        InvokeError::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &error)
    })?;
    let message: Value = serde_json::from_slice(&body.to_bytes())
        .map_err(|error| invalid(&format!("Could not parse request body into json: {error}")))?;
    queue.push(job, message).await.map_err(|error| {
        InvokeError::new(StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", &error)
    })
}

/// The job that the path names: `/2015-03-31/functions/{stack}-{job}/invocations`.
fn invoked_job(head: &http::request::Parts, stack: &str) -> Result<String, InvokeError> {
    let function = head.uri.path().strip_prefix("/2015-03-31/functions/");
    let function = function.and_then(|rest| rest.strip_suffix("/invocations"));
    let job = function.and_then(|name| name.strip_prefix(stack)?.strip_prefix('-'));
    let known = job.filter(|job| {
        head.method == Method::POST
            && slipway_registry::jobs().iter().any(|known| known.name() == *job)
    });
    known.map(str::to_owned).ok_or_else(|| {
        let message = format!("Function not found: {}", head.uri.path());
        InvokeError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message)
    })
}

fn invalid(message: &str) -> InvokeError {
    InvokeError::new(StatusCode::BAD_REQUEST, "InvalidRequestContentException", &message)
}

fn response(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
