//! Calls of functions in this process, with services of the test's own: for what can't be seen from
//! outside.

use std::sync::Arc;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use slipway_domain::Timestamp;
use slipway_edge::clock::Clock;
use slipway_edge::default_route::{self, RouteTable};
use slipway_edge::frame::{self, Handled};
use slipway_edge::telemetry::LogRecord;
use slipway_edge::{DynJob, Invocation, Operation, Request, Services};

use crate::{TestResponse, World};

/// The event of an object that was stored, as AWS writes it.
const STORED: &str = include_str!("../../../events/finish-upload.json");
/// The event of a row that was inserted.
const INSERTED: &str = include_str!("../../../events/snapshot-for-tenant.json");

/// A call of an operation.
#[derive(Debug, Clone)]
pub struct Call {
    op: &'static str,
    request: Request,
}

impl Call {
    /// A call of `op` at `path`, which may have a query.
    pub fn new(op: &'static str, path: impl AsRef<str>) -> Self {
        let (path, query) = path.as_ref().split_once('?').unwrap_or((path.as_ref(), ""));
        let method = operation(op).route().verb.as_str().to_owned();
        let (path, query) = (path.to_owned(), query.to_owned());
        Self { op, request: request(method, path, query) }
    }

    /// The name of the operation.
    pub fn op(&self) -> &'static str {
        self.op
    }

    /// With a body.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        self.request.body = body.to_string().into();
        self.header("content-type", "application/json")
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).expect("a header value"),
        );
        self
    }

    /// Whether it has a header of this name.
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        self.request.headers.contains_key(name)
    }

    /// With a credential.
    #[must_use]
    pub fn bearer(self, secret: &str) -> Self {
        self.header("authorization", &format!("Bearer {secret}"))
    }

    /// What the function that has `services` does after a response, and what that costs.
    pub async fn after_response(&self, services: &Arc<Services>) -> LogRecord {
        let work = operation(self.op).after_response().expect("work after a response");
        work.run(services).await.expect("something to do")
    }

    /// The answer of the function that has `services`, and what it cost.
    pub async fn on(&self, services: &Arc<Services>) -> (TestResponse, LogRecord) {
        read(frame::answer(&*operation(self.op), services, &self.request).await)
    }
}

/// A request without headers and body.
fn request(method: String, path: String, query: String) -> Request {
    Request {
        method,
        path,
        query,
        headers: HeaderMap::new(),
        body: Vec::new().into(),
        request_id: "test".to_owned(),
        gateway_url: Some("https://api.example.com".to_owned()),
        source_address: None,
    }
}

fn read(Handled { response, record }: Handled) -> (TestResponse, LogRecord) {
    let (parts, body) = response.into_parts();
    let is_yaml =
        parts.headers.get(CONTENT_TYPE).is_some_and(|it| it.as_bytes() == b"application/yaml");
    let body = match &body[..] {
        [] => Value::Null,
        text if is_yaml => json!(String::from_utf8_lossy(text)),
        document => serde_json::from_slice(document).expect("JSON"),
    };
    (TestResponse { status: parts.status.as_u16(), headers: parts.headers, body }, record)
}

/// The answer to a GET of `path`, which no route takes, of the function that is there for it, and
/// what it cost.
pub fn unrouted(clock: &Clock, path: &str) -> (TestResponse, LogRecord) {
    let routes = RouteTable::of(&slipway_registry::operations());
    let request = request("GET".to_owned(), path.to_owned(), String::new());
    read(default_route::answer(&routes, clock, &request))
}

fn operation(op: &str) -> Box<dyn Operation> {
    slipway_registry::operations()
        .into_iter()
        .find(|operation| operation.route().op == op)
        .expect("an operation")
}

/// Carries out the job that S3's event about an upload starts, with `services`.
pub async fn finish_upload(
    services: &Arc<Services>,
    upload: &str,
) -> (slipway_edge::Result<()>, LogRecord) {
    let mut event: Value = serde_json::from_str(STORED).expect("JSON");
    event["Records"][0]["s3"]["object"]["key"] = json!(format!("incoming/{upload}"));
    perform(services, "finish-upload", event).await
}

/// Carries out the job `name` that the table's stream starts for new rows with these entities, with
/// `services`.
pub async fn rows_inserted(
    services: &Arc<Services>,
    name: &str,
    entities: &[Value],
) -> (slipway_edge::Result<()>, LogRecord) {
    let record = |entity: &Value| {
        let event: Value = serde_json::from_str(INSERTED).expect("JSON");
        let mut record = event["Records"][0].clone();
        record["dynamodb"]["NewImage"]["doc"]["S"] = json!(entity.to_string());
        record
    };
    perform(services, name, json!({ "Records": entities.iter().map(record).collect::<Vec<_>>() }))
        .await
}

/// Carries out the job `name` for `event`, with `services`.
pub async fn perform(
    services: &Arc<Services>,
    name: &str,
    event: Value,
) -> (slipway_edge::Result<()>, LogRecord) {
    let ends_at = services.end_of(job(name).size());
    perform_until(services, name, event, ends_at).await
}

/// Carries out the job `name` for `event`, with `services`, in an invocation that ends at
/// `ends_at`.
pub async fn perform_until(
    services: &Arc<Services>,
    name: &str,
    event: Value,
    ends_at: Timestamp,
) -> (slipway_edge::Result<()>, LogRecord) {
    let invocation = Invocation { request_id: "test".to_owned(), ends_at };
    frame::perform(&*job(name), services, event, &invocation).await
}

fn job(name: &str) -> Box<dyn DynJob> {
    slipway_registry::jobs().into_iter().find(|job| job.name() == name).expect("the job")
}

impl World {
    /// A call with the bootstrap token.
    pub fn call(&self, op: &'static str, path: impl AsRef<str>) -> Call {
        Call::new(op, path).bearer(&self.stack.admin_token)
    }
}
