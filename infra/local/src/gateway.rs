//! API Gateway: finds the function for a request, hands it the event that API Gateway would, and
//! refuses what API Gateway and Lambda refuse.

mod event;
mod limits;
mod refusal;

use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use data_encoding::HEXLOWER;
use hyper::body::Incoming;
use slipway_edge::clock::{Clock, entropy};
use slipway_edge::default_route::RouteTable;
use slipway_edge::lambda;
use slipway_edge::telemetry::LogRecord;
use slipway_edge::{Operation, Response, Services};

pub use self::limits::Limits;
use self::refusal::Refusal;
use crate::stack::RequestLog;

/// The functions behind an address.
pub struct Gateway {
    operations: Vec<Box<dyn Operation>>,
    routes: RouteTable,
    services: Arc<Services>,
    clock: Clock,
    limits: Limits,
    log: RequestLog,
}

impl Gateway {
    /// All functions.
    #[must_use]
    pub fn new(services: Arc<Services>, clock: Clock, limits: Limits, log: RequestLog) -> Self {
        let mut operations = slipway_registry::operations();
        let routes = RouteTable::of(&operations);
        // As API Gateway has it, a path that is spelt out wins over one with parameters.
        operations.sort_by_key(|operation| operation.route().parameters().count());
        Self { operations, routes, services, clock, limits, log }
    }

    /// Answers a request.
    pub async fn answer(&self, request: http::Request<Incoming>) -> Response {
        let request_id = entropy::<16>().map(|bytes| HEXLOWER.encode(&bytes)).unwrap_or_default();
        match self.invoke(request, &request_id).await {
            Ok(response) => response,
            Err(refusal) => {
                self.tell_refusal(refusal, &request_id);
                refusal.response(&request_id)
            }
        }
    }

    async fn invoke(
        &self,
        request: http::Request<Incoming>,
        request_id: &str,
    ) -> Result<Response, Refusal> {
        let (head, body) = request.into_parts();
        limits::check_head(&head)?;
        let body = self.limits.read(body).await?;
        let event = event::of(&head, &body, request_id);
        limits::check_event(&event)?;
        let (response, record) = self.call(head.method.as_str(), head.uri.path(), event).await;
        self.tell(&head, &record);
        limits::check_response(&response)?;
        event::response(response)
    }

    /// Calls the function whose route takes `method` `path`; where there is none, that of the
    /// default route.
    async fn call(
        &self,
        method: &str,
        path: &str,
        event: ApiGatewayV2httpRequest,
    ) -> (ApiGatewayV2httpResponse, LogRecord) {
        let operation = self.operations.iter().find(|operation| {
            let route = operation.route();
            route.verb.routed().contains(&method) && route.match_path(path).is_some()
        });
        match operation {
            Some(operation) => {
                let answer = lambda::answer(&**operation, &self.services, event).await;
                self.work_after_response_of(&**operation);
                answer
            }
            None => lambda::answer_default(&self.routes, &self.clock, event),
        }
    }

    /// What Lambda lets a function do while nobody waits for it.
    fn work_after_response_of(&self, operation: &dyn Operation) {
        let Some(work) = operation.after_response() else { return };
        let services = Arc::clone(&self.services);
        tokio::spawn(async move { work.run(&services).await });
    }

    fn tell(&self, head: &http::request::Parts, record: &LogRecord) {
        if self.log == RequestLog::Lines {
            let status = record.status.unwrap_or_default();
            let error = record.error.as_ref().map(|error| format!("  {error}")).unwrap_or_default();
            eprintln!(
                "{:>6} {:<40} {status} {:>7.1} ms  {}{error}",
                head.method.as_str(),
                head.uri.path(),
                record.duration_ms,
                record.op
            );
        }
    }

    /// What API Gateway writes into its access log, where no function has a line.
    fn tell_refusal(&self, refusal: Refusal, request_id: &str) {
        if self.log == RequestLog::Lines {
            eprintln!("{:>6} {request_id}: {refusal}", "AWS");
        }
    }
}
