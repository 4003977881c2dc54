//! Jobs that functions start: asynchronous invocations of Lambda, which keeps the message, repeats
//! it where the job fails, and hands it to the queue of failures in the end.

use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde::Serialize;
use slipway_aws::Meter;
use slipway_domain::{Code, Error, Principal, Result};

use crate::capabilities::FromServices;
use crate::job::Job;
use crate::permissions::Grant;
use crate::services::Services;

/// A job that functions start with a message, besides what its trigger is.
pub trait InvocableJob: Job {
    /// The message. The job's event reads it.
    type Message: Serialize + Send + Sync;
}

/// Starts the job `J`.
#[derive(Debug)]
pub struct JobInvoker<J> {
    services: Arc<Services>,
    meter: Meter,
    job: PhantomData<fn() -> J>,
}

impl<J: InvocableJob> JobInvoker<J> {
    /// Starts the job with `message`, and does not wait for it. Lambda delivers a message at least
    /// once.
    ///
    /// # Errors
    /// `unavailable` where Lambda does not take it, `internal` where the deployment does not say
    /// how its functions are called.
    pub async fn invoke(&self, message: &J::Message) -> Result<()> {
        start_job(&self.services, &self.meter, J::NAME, message).await
    }
}

/// Has Lambda start the job `name` with `message`.
pub(crate) async fn start_job(
    services: &Services,
    meter: &Meter,
    name: &str,
    message: &impl Serialize,
) -> Result<()> {
    meter.lambda_request();
    let request = services
        .lambda
        .invoke()
        .function_name(services.function_name(name)?)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(serde_json::to_vec(message).map_err(Error::internal)?));
    request.send().await.map(drop).map_err(|error| {
        Error::new(Code::Unavailable, format!("Lambda does not start {name}; try again"))
            .because(format!("Lambda: {}", DisplayErrorContext(&error)))
    })
}

impl<J: InvocableJob> FromServices for JobInvoker<J> {
    const GRANTS: &'static [Grant] = &[Grant::InvokeJob(J::NAME)];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self { services: Arc::clone(services), meter: meter.clone(), job: PhantomData }
    }
}
