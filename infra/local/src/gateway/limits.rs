//! The limits of API Gateway (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>)
//! and of Lambda, and those of this server: how long a client may take, and how many may be
//! connected.

use std::io::{self, Write};
use std::time::Duration;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use serde::Serialize;
use slipway_edge::payload::MAX_PAYLOAD;
use tokio::time::timeout;

use super::refusal::Refusal;

/// The longest request body that API Gateway takes, 10 MB.
const MAX_BODY: usize = 10 << 20;
/// The longest request line and header values together.
const MAX_HEAD: usize = 10_240;
/// The longest event that Lambda takes, 6 MB of JSON with the body as a text in it.
const MAX_EVENT: usize = 6 << 20;

/// How long a client may take, and how many may be connected at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The time for the head of a request, from the end of the one before on the connection.
    pub head: Duration,
    /// The time for the body, from the end of the head.
    pub body: Duration,
    /// The most connections that are open at once; others wait to be accepted.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: Duration::from_secs(30), body: Duration::from_secs(30), connections: 1024 }
    }
}

impl Limits {
    /// The body, whole.
    pub(super) async fn read(&self, body: Incoming) -> Result<Bytes, Refusal> {
        // One that says so is refused before it is sent.
        if body.size_hint().lower() > MAX_BODY as u64 {
            return Err(Refusal::RequestTooLarge);
        }
        let read = timeout(self.body, Limited::new(body, MAX_BODY).collect());
        match read.await.map_err(|_| Refusal::TimedOut)? {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Refusal::RequestTooLarge),
            Err(_) => Err(Refusal::BrokenBody),
        }
    }
}

/// Refuses a request whose line and header values are too long together.
pub(super) fn check_head(head: &http::request::Parts) -> Result<(), Refusal> {
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let line = head.method.as_str().len() + target + " HTTP/1.1".len() + 1;
    let values: usize = head.headers.values().map(|value| value.len()).sum();
    if line + values > MAX_HEAD { Err(Refusal::HeadTooLarge) } else { Ok(()) }
}

/// Refuses an event that Lambda would not take.
pub(super) fn check_event(event: &ApiGatewayV2httpRequest) -> Result<(), Refusal> {
    if json_length(event)? > MAX_EVENT { Err(Refusal::RequestTooLarge) } else { Ok(()) }
}

/// Refuses a response that Lambda would not take.
pub(super) fn check_response(response: &ApiGatewayV2httpResponse) -> Result<(), Refusal> {
    let length = json_length(response)?;
    if length > MAX_PAYLOAD { Err(Refusal::ResponseTooLarge(length)) } else { Ok(()) }
}

/// How many bytes `value` has as JSON.
fn json_length(value: &impl Serialize) -> Result<usize, Refusal> {
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, value).map_err(|_| Refusal::Malformed)?;
    Ok(counter.0)
}

/// Counts what is written, and keeps nothing.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::encodings::Body;

    use super::*;

    fn response(body: String) -> ApiGatewayV2httpResponse {
        let mut response = ApiGatewayV2httpResponse::default();
        response.body = Some(Body::Text(body));
        response
    }

    #[test]
    fn a_response_is_measured_as_the_json_that_a_function_posts() {
        let around = json_length(&response(String::new())).unwrap();
        let fits = response("a".repeat(MAX_PAYLOAD - around));
        assert_eq!(check_response(&fits), Ok(()));
        // A quotation mark takes two bytes: as many characters, one byte more.
        let quoted = response("\"".to_owned() + &"a".repeat(MAX_PAYLOAD - around - 1));
        assert_eq!(check_response(&quoted), Err(Refusal::ResponseTooLarge(MAX_PAYLOAD + 1)));
    }

    #[test]
    fn an_event_is_measured_as_the_json_that_a_function_gets() {
        let event = |body: String| {
            let mut event = ApiGatewayV2httpRequest::default();
            event.body = Some(body);
            event
        };
        let around = json_length(&event(String::new())).unwrap();
        assert_eq!(check_event(&event("a".repeat(MAX_EVENT - around))), Ok(()));
        let longer = event("\n".to_owned() + &"a".repeat(MAX_EVENT - around - 1));
        assert_eq!(check_event(&longer), Err(Refusal::RequestTooLarge));
    }

    #[test]
    fn the_head_is_the_request_line_and_the_header_values() {
        let head = |length: usize| {
            let request = http::Request::get("/").header("x-long", "a".repeat(length));
            request.body(()).unwrap().into_parts().0
        };
        let line = "GET / HTTP/1.1".len();
        assert_eq!(check_head(&head(MAX_HEAD - line)), Ok(()));
        assert_eq!(check_head(&head(MAX_HEAD - line + 1)), Err(Refusal::HeadTooLarge));
    }
}
