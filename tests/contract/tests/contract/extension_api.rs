//! The Lambda extensions API, as far as an internal extension needs it
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>). As in Lambda, the
//! next invocation begins once the extension has asked for the next event too: until then the
//! instance is busy, and after it frozen.

use std::sync::atomic::{AtomicBool, Ordering};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response};
use serde_json::json;
use tokio::sync::Semaphore;

/// The extension of a function, if it registers one.
pub struct ExtensionApi {
    is_registered: AtomicBool,
    /// A permit for each time that the extension has asked for an event, and no invocation began.
    ready: Semaphore,
    /// A permit for each invocation of which the extension was not told.
    invocations: Semaphore,
}

impl Default for ExtensionApi {
    fn default() -> Self {
        let is_registered = AtomicBool::new(false);
        Self { is_registered, ready: Semaphore::new(0), invocations: Semaphore::new(0) }
    }
}

impl ExtensionApi {
    /// Waits until the extension is done with what was before, and tells it of an invocation.
    pub async fn begin_invocation(&self) {
        if self.is_registered.load(Ordering::SeqCst) {
            self.ready.acquire().await.unwrap().forget();
            self.invocations.add_permits(1);
        }
    }

    /// What the API answers to the extension.
    pub async fn answer(
        &self,
        request: &Request<Incoming>,
        deadline: String,
    ) -> Response<Full<Bytes>> {
        if request.method() == Method::POST {
            self.is_registered.store(true, Ordering::SeqCst);
            let registered = json!({
                "functionName": "test", "functionVersion": "$LATEST", "handler": "bootstrap",
            });
            let response = Response::builder().header("lambda-extension-identifier", "extension-1");
            return response.body(registered.to_string().into()).unwrap();
        }
        self.ready.add_permits(1);
        self.invocations.acquire().await.unwrap().forget();
        let event = json!({
            "eventType": "INVOKE", "deadlineMs": deadline.parse::<u64>().unwrap(), "requestId": "request-1",
            "invokedFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:test",
        });
        Response::new(event.to_string().into())
    }
}
