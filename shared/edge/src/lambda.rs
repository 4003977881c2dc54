//! The shell that AWS Lambda starts: one function, one endpoint or job.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use bytes::Bytes;
use data_encoding::BASE64;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use slipway_aws::Clients;
use slipway_domain::{Error, Result, Timestamp};
use slipway_signing::Context;

use crate::clock::Clock;
use crate::deadline::Invocation;
use crate::default_route::{self, RouteTable};
use crate::endpoint::{Endpoint, Operation, operation};
use crate::extension::{self, Invocations};
use crate::frame::{self, Handled};
use crate::job::{DynJob, Job, job};
use crate::needed_clients::make_needed_clients;
use crate::payload;
use crate::permissions::{Grant, Permissions};
use crate::request::{Request, Response};
use crate::services::{Services, Settings};
use crate::telemetry::LogRecord;
use crate::time_limit::TimeLimit;

/// How a function ends.
pub type Exit = ExitCode;

/// Runs the endpoint `E` as a Lambda function, until Lambda ends it.
#[must_use]
pub fn run<E: Endpoint>() -> Exit {
    let operation: Arc<dyn Operation> = operation::<E>().into();
    start(async move {
        let services = services(&operation.permissions())?;
        warm(&*operation, &services).await;
        let (after_response, instance) = (operation.after_response(), Arc::clone(&services));
        let invocations = Invocations::default();
        let begun = invocations.clone();
        let handler = service_fn(move |event: LambdaEvent<ApiGatewayV2httpRequest>| {
            let (operation, services) = (Arc::clone(&operation), Arc::clone(&services));
            let answered = begun.begin();
            async move {
                let _answered = answered;
                let limit = time_left(&services, event.context.deadline);
                let request = request(event.payload);
                let Handled { response, record } =
                    frame::answer_within(&*operation, &services, &request, limit).await;
                let response = into_lambda(response);
                record.log(services.metrics_stack.as_deref());
                Ok::<_, lambda_runtime::Error>(response)
            }
        });
        let functions = lambda_runtime::run(handler);
        match after_response {
            Some(work) => extension::run_with(functions, work, instance, invocations).await,
            None => functions.await,
        }
    })
}

/// Runs the function of API Gateway's `$default` route, until Lambda ends it. `openapi` is the
/// document whose routes it knows. It needs no setting and calls nothing.
#[must_use]
pub fn run_default_route(openapi: &'static str) -> Exit {
    start(async move {
        let routes = RouteTable::from_openapi(openapi)?;
        let stack = Settings::metrics_stack_from_environment();
        let handler = service_fn(move |event: LambdaEvent<ApiGatewayV2httpRequest>| {
            let (response, record) = answer_default(&routes, &Clock::system(), event.payload);
            record.log(stack.as_deref());
            std::future::ready(Ok::<_, lambda_runtime::Error>(response))
        });
        lambda_runtime::run(handler).await
    })
}

/// Runs the job `J` as a Lambda function, until Lambda ends it.
#[must_use]
pub fn run_job<J: Job>() -> Exit {
    let task: Arc<dyn DynJob> = job::<J>().into();
    start(async move {
        let services = services(&task.permissions())?;
        let handler = service_fn(move |event: LambdaEvent<Value>| {
            let (task, services) = (Arc::clone(&task), Arc::clone(&services));
            async move { perform(&*task, &services, event).await }
        });
        lambda_runtime::run(handler).await
    })
}

fn start(work: impl Future<Output = Result<(), lambda_runtime::Error>>) -> Exit {
    // One request at a time is all that Lambda gives an instance: one thread saves the start of
    // others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(lambda_runtime::Error::from).and_then(|runtime| runtime.block_on(work)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn services(permissions: &Permissions) -> Result<Arc<Services>, lambda_runtime::Error> {
    let settings = Settings::from_environment()?;
    let clients = settings.store.reached_by(Clients::from_function_environment());
    make_needed_clients(&clients, permissions.grants());
    Ok(Services::new(&settings, &clients, Clock::system()))
}

/// Does during INIT, when Lambda gives full CPU, what the first request would have to wait for:
/// opens the connection to DynamoDB, and the key where this function signs. A failure shows with
/// the first request that needs it.
async fn warm(operation: &dyn Operation, services: &Services) {
    let (permissions, now) = (operation.permissions(), services.clock.now());
    let grants = permissions.grants();
    if grants.contains(&Grant::OpenDecisionKey) {
        drop(services.signing_keys.signer(Context::Decision, now).await);
    } else if grants.contains(&Grant::SignSnapshots) {
        drop(services.signing_keys.signer(Context::Snapshot, now).await);
    } else if grants.contains(&Grant::ReadCatalog) || grants.contains(&Grant::ReadKeyRing) {
        drop(services.table.ping().await);
    }
}

/// What the function of `operation` answers to an event of API Gateway (HTTP API, payload format
/// 2.0), and the line for the log. The local gateway calls the same.
pub async fn answer(
    operation: &dyn Operation,
    services: &Arc<Services>,
    event: ApiGatewayV2httpRequest,
) -> (ApiGatewayV2httpResponse, LogRecord) {
    let Handled { response, record } = frame::answer(operation, services, &request(event)).await;
    (into_lambda(response), record)
}

/// What the function of the `$default` route answers to an event, and the line for the log.
#[must_use]
pub fn answer_default(
    routes: &RouteTable,
    clock: &Clock,
    event: ApiGatewayV2httpRequest,
) -> (ApiGatewayV2httpResponse, LogRecord) {
    let Handled { response, record } = default_route::answer(routes, clock, &request(event));
    (into_lambda(response), record)
}

/// The time until Lambda ends the invocation, whose `deadline` it says in milliseconds since 1970.
fn time_left(services: &Services, deadline: u64) -> TimeLimit {
    let now = u64::try_from(services.clock.now().as_millisecond()).unwrap_or_default();
    TimeLimit::of_invocation(Duration::from_millis(deadline.saturating_sub(now)))
}

async fn perform(
    task: &dyn DynJob,
    services: &Arc<Services>,
    event: LambdaEvent<Value>,
) -> Result<(), Diagnostic> {
    let limit = time_left(services, event.context.deadline);
    let ends_at = i64::try_from(event.context.deadline).ok();
    let ends_at = ends_at.and_then(|at| Timestamp::from_millisecond(at).ok());
    let invocation = Invocation {
        request_id: event.context.request_id,
        ends_at: ends_at.unwrap_or_else(|| services.clock.now()),
    };
    let (outcome, record) =
        frame::perform_within(task, services, event.payload, &invocation, limit).await;
    record.log(services.metrics_stack.as_deref());
    outcome.map_err(|error| diagnostic(&error))
}

/// What Lambda is told of a job that has failed, and what the queue of failures tells on: the code
/// and the message that a caller would read. What is behind them is in the log.
fn diagnostic(error: &Error) -> Diagnostic {
    let code = json!(error.code());
    Diagnostic {
        error_type: code.as_str().unwrap_or_default().to_owned(),
        error_message: error.to_string(),
    }
}

/// The request in an event of API Gateway (HTTP API, payload format 2.0). Path and query are taken
/// as they come: a caller may have put anything into them, and no URI is parsed before the frame.
fn request(event: ApiGatewayV2httpRequest) -> Request {
    let context = event.request_context;
    let body = event.body.unwrap_or_default();
    let body = if event.is_base64_encoded {
        BASE64.decode(body.as_bytes()).unwrap_or_default().into()
    } else {
        Bytes::from(body)
    };
    Request {
        method: context.http.method.to_string(),
        path: event.raw_path.unwrap_or_default(),
        query: event.raw_query_string.unwrap_or_default(),
        headers: event.headers,
        body,
        request_id: context.request_id.unwrap_or_default(),
        // API Gateway has matched the Host header against its own domain names: the domain can't
        // be made up by a caller.
        source_address: context.http.source_ip.and_then(|address| address.parse().ok()),
        gateway_url: context.domain_name.map(|domain| format!("https://{domain}")),
    }
}

fn into_lambda(response: Response) -> ApiGatewayV2httpResponse {
    let (parts, body) = response.into_parts();
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = parts.status.as_u16().into();
    answer.headers = parts.headers;
    let (body, is_base64_encoded) = payload::encode(body);
    answer.body = Some(Body::Text(body));
    answer.is_base64_encoded = is_base64_encoded;
    answer
}
