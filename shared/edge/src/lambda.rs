//! The shell that AWS Lambda starts: one function, one endpoint or job.

use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use http::Response as HttpResponse;
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use slipway_aws::Clients;
use slipway_domain::Result;
use slipway_signing::Context;

use crate::clock::Clock;
use crate::endpoint::{Endpoint, Operation, operation};
use crate::frame;
use crate::job::{DynJob, Job, job};
use crate::permissions::Grant;
use crate::request::{Request, Response};
use crate::services::{Services, Settings};

/// How a function ends.
pub type Exit = ExitCode;

/// Runs the endpoint `E` as a Lambda function, until Lambda ends it.
#[must_use]
pub fn run<E: Endpoint>() -> Exit {
    let operation: Arc<dyn Operation> = operation::<E>().into();
    start(async move {
        let services = services().await?;
        warm(&*operation, &services).await;
        let handler = service_fn(move |event: lambda_http::Request| {
            let (operation, services) = (Arc::clone(&operation), Arc::clone(&services));
            async move { Ok::<_, lambda_http::Error>(serve(&*operation, &services, event).await) }
        });
        lambda_http::run(handler).await
    })
}

/// Runs the job `J` as a Lambda function, until Lambda ends it.
#[must_use]
pub fn run_job<J: Job>() -> Exit {
    let task: Arc<dyn DynJob> = job::<J>().into();
    start(async move {
        let services = services().await?;
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

async fn services() -> Result<Arc<Services>, lambda_runtime::Error> {
    Ok(Services::new(
        &Settings::from_environment()?,
        &Clients::from_environment().await,
        Clock::system(),
    ))
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

async fn serve(
    operation: &dyn Operation,
    services: &Arc<Services>,
    event: lambda_http::Request,
) -> HttpResponse<Body> {
    let answered = frame::answer(operation, services, &request(event)).await;
    println!("{}", answered.record.line());
    into_lambda(answered.response)
}

async fn perform(
    task: &dyn DynJob,
    services: &Arc<Services>,
    event: LambdaEvent<Value>,
) -> Result<(), lambda_runtime::Error> {
    let (outcome, record) =
        frame::perform(task, services, event.payload, &event.context.request_id).await;
    println!("{}", record.line());
    outcome.map_err(Into::into)
}

fn request(event: lambda_http::Request) -> Request {
    // API Gateway has matched the Host header against its own domain names: the domain can't be
    // made up by a caller.
    let (domain, request_id) = match event.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            (context.domain_name.clone(), context.request_id.clone())
        }
        _ => (None, None),
    };
    let (path, query) =
        (event.raw_http_path().to_owned(), event.uri().query().unwrap_or_default().to_owned());
    let (parts, body) = event.into_parts();
    Request {
        method: parts.method.to_string(),
        path,
        query,
        headers: parts.headers,
        body: match body {
            Body::Text(text) => text.into(),
            Body::Binary(bytes) => bytes.into(),
            _ => Bytes::new(),
        },
        request_id: request_id.unwrap_or_default(),
        gateway_url: domain.map(|domain| format!("https://{domain}")),
    }
}

fn into_lambda(response: Response) -> HttpResponse<Body> {
    // Every body of the API is text; anything else would be base64 on its way.
    response.map(|body| {
        String::from_utf8(body.into())
            .map_or_else(|error| Body::Binary(error.into_bytes()), Body::Text)
    })
}
