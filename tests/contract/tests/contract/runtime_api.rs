//! The Lambda runtime API, as far as invocations need it
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>): the function asks for an
//! event, and posts what it answers. It decides nothing; what is tested is the binary that talks to
//! it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::extension_api::ExtensionApi;

/// Invocations that wait to be asked for, and the way of their answers.
struct Pending {
    events: Mutex<VecDeque<Value>>,
    limit: Duration,
    answers: mpsc::Sender<(String, Value)>,
    extension: ExtensionApi,
}

/// Offers `events` one after the other to the one function that asks at the address, which has
/// `limit` for each, and gives what it posts: the last part of the path, `response` or `error`, and
/// the body.
pub async fn offer(
    events: Vec<Value>,
    limit: Duration,
) -> (SocketAddr, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (answers, answered) = mpsc::channel(1);
    let pending = Arc::new(Pending {
        events: Mutex::new(events.into()),
        limit,
        answers,
        extension: ExtensionApi::default(),
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let pending = Arc::clone(&pending);
            let service = service_fn(move |request| serve(Arc::clone(&pending), request));
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    (address, answered)
}

/// The time at which what has begun now and may take `limit` is over, in milliseconds since 1970.
fn deadline(limit: Duration) -> String {
    let now = jiff::Timestamp::now().as_millisecond();
    (now + i64::try_from(limit.as_millis()).unwrap()).to_string()
}

async fn serve(
    pending: Arc<Pending>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path().contains("/extension/") {
        return Ok(pending.extension.answer(&request, deadline(pending.limit)).await);
    }
    if request.method() == Method::GET {
        pending.extension.begin_invocation().await;
        let event = pending.events.lock().unwrap().pop_front();
        // As Lambda does between invocations: the last question waits until the function is
        // stopped.
        let event = match event {
            Some(event) => event,
            None => std::future::pending().await,
        };
        let response = Response::builder()
            .header("lambda-runtime-aws-request-id", "request-1")
            .header("lambda-runtime-deadline-ms", deadline(pending.limit));
        let response = response.header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:test",
        );
        return Ok(response.body(event.to_string().into()).unwrap());
    }
    let kind = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    // The test has given up, if nobody listens.
    let answer = (kind, serde_json::from_slice(&body).unwrap_or(Value::Null));
    let _ = pending.answers.send(answer).await;
    Ok(Response::builder().status(StatusCode::ACCEPTED).body(Full::default()).unwrap())
}
