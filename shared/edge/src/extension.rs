//! The internal extension that lets a function work after its response: Lambda waits for it before
//! it freezes the instance.

use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join;
use lambda_extension::{Extension, LambdaEvent, service_fn};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::after_response::DynAfterResponse;
use crate::function_size::FunctionSize;
use crate::services::Services;

/// Its name; Lambda wants one that no other extension of the function has.
const NAME: &str = "slipway-after-response";

/// How long a response is waited for: Lambda ends a request after that.
const LONGEST_REQUEST: Duration = Duration::from_secs(FunctionSize::REQUEST.timeout_seconds as u64);

/// Says that a response is there, when it is dropped: also when the handler panics, so that Lambda
/// waits for nothing that does not come.
pub(crate) struct Answered(Arc<Notify>);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Hands out a guard for each invocation.
#[derive(Clone, Default)]
pub(crate) struct Invocations(Arc<Notify>);

impl Invocations {
    /// A guard to be dropped when the response is there.
    pub(crate) fn begin(&self) -> Answered {
        Answered(Arc::clone(&self.0))
    }
}

/// Runs `functions`, the loop that answers events, and after each response `work`. Where Lambda
/// takes no extension, events are answered without it.
pub(crate) async fn run_with(
    functions: impl Future<Output = Result<(), lambda_runtime::Error>>,
    work: Box<dyn DynAfterResponse>,
    services: Arc<Services>,
    invocations: Invocations,
) -> Result<(), lambda_runtime::Error> {
    let (work, answered): (Arc<dyn DynAfterResponse>, _) = (work.into(), invocations.0);
    let handler = service_fn(move |_: LambdaEvent| {
        let (work, services) = (Arc::clone(&work), Arc::clone(&services));
        let answered = Arc::clone(&answered);
        async move {
            // An event that is no request is refused before there is a handler.
            drop(timeout(LONGEST_REQUEST, answered.notified()).await);
            if let Some(record) = work.run(&services).await {
                record.log(services.metrics_stack.as_deref());
            }
            Ok::<_, lambda_extension::Error>(())
        }
    });
    let extension = Extension::new()
        .with_extension_name(NAME)
        .with_events(&["INVOKE"])
        .with_events_processor(handler)
        .register()
        .await;
    match extension {
        Ok(extension) => try_join(functions, extension.run()).await.map(drop),
        Err(error) => {
            eprintln!(
                "nothing is done after responses, because Lambda takes no extension: {error}"
            );
            functions.await
        }
    }
}
