//! The Lambda runtime API, as far as one invocation needs it
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>): the function asks for an
//! event, and posts what it answers. It decides nothing; what is tested is the binary that talks to
//! it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// An invocation that waits to be asked for, and the way of its answer.
struct Pending {
    event: Mutex<Option<Value>>,
    answer: Mutex<Option<oneshot::Sender<(String, Value)>>>,
}

/// Offers `event` to the one function that asks at the address, and gives what it posts: the last
/// part of the path, `response` or `error`, and the body.
pub async fn offer(event: Value) -> (SocketAddr, oneshot::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (answer, answered) = oneshot::channel();
    let pending =
        Arc::new(Pending { event: Mutex::new(Some(event)), answer: Mutex::new(Some(answer)) });
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

async fn serve(
    pending: Arc<Pending>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        let event = pending.event.lock().unwrap().take();
        // As Lambda does between invocations: the second question waits until the function is
        // stopped.
        let event = match event {
            Some(event) => event,
            None => std::future::pending().await,
        };
        let response = Response::builder()
            .header("lambda-runtime-aws-request-id", "request-1")
            .header("lambda-runtime-deadline-ms", "4102444800000");
        let response = response.header(
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:test",
        );
        return Ok(response.body(event.to_string().into()).unwrap());
    }
    let kind = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    if let Some(answer) = pending.answer.lock().unwrap().take() {
        // The test has given up, if nobody listens.
        let _ = answer.send((kind, serde_json::from_slice(&body).unwrap_or(Value::Null)));
    }
    Ok(Response::builder().status(StatusCode::ACCEPTED).body(Full::default()).unwrap())
}
