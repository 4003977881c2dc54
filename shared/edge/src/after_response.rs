//! What a function does once a response is sent: no caller waits for it.
//!
//! Lambda freezes a function as soon as it has answered, unless it has registered as an extension:
//! then it waits for the extension too
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>).

use std::error::Error as StdError;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use slipway_aws::Meter;
use slipway_domain::{Principal, Result};

use crate::capabilities::{CapabilitySet, Entity};
use crate::ctx::{Caller, Ctx};
use crate::deadline::Deadline;
use crate::endpoint::declared;
use crate::error::ErrorCode;
use crate::function_size::FunctionSize;
use crate::permissions::Permissions;
use crate::request::Request;
use crate::services::Services;
use crate::telemetry::{LogRecord, Stopwatch};
use crate::time_limit::TimeLimit;

/// How long the work may take: until it is done, the instance takes no request.
const LIMIT: TimeLimit = TimeLimit::Of(Duration::from_secs(3));

/// Work of an endpoint's function after a response. It is tried once, for three seconds, and after
/// the next response again: what it leaves undone has to wait for that.
pub trait AfterResponse: Send + Sync + 'static {
    /// Its name in the log, such as `record-adoption`.
    const NAME: &'static str;
    /// The entities whose rows it writes.
    const WRITES: &'static [Entity];
    /// What it may touch.
    type Capabilities: CapabilitySet;

    /// Does it.
    ///
    /// # Errors
    /// A failure is logged.
    fn run(ctx: &Ctx<Self::Capabilities>) -> impl Future<Output = Result<()>> + Send;
}

/// Work after a response, without its types.
pub trait DynAfterResponse: Send + Sync {
    /// What IAM has to allow.
    fn permissions(&self) -> Permissions;
    /// Does it. The line for the log is `None` where nothing was to be done.
    fn run<'a>(&'a self, services: &'a Arc<Services>) -> BoxFuture<'a, Option<LogRecord>>;
}

/// The work that `A` is.
#[must_use]
pub fn after_response<A: AfterResponse>() -> Box<dyn DynAfterResponse> {
    Box::new(Erased::<A>(PhantomData))
}

struct Erased<A>(PhantomData<fn() -> A>);

impl<A: AfterResponse> DynAfterResponse for Erased<A> {
    fn permissions(&self) -> Permissions {
        const { declared(A::Capabilities::GRANTS, A::WRITES) };
        Permissions::new(A::Capabilities::GRANTS, A::WRITES)
    }

    fn run<'a>(&'a self, services: &'a Arc<Services>) -> BoxFuture<'a, Option<LogRecord>> {
        async move {
            let (watch, meter) = (Stopwatch::start(services.clock.now()), Meter::default());
            let principal = Arc::new(Principal::job(A::NAME));
            let caller = Caller { principal: Arc::clone(&principal), idempotent: None };
            let deadline =
                Deadline::before(services.end_of(FunctionSize::REQUEST), &services.clock);
            let ctx = Ctx::new(services, A::NAME, &Request::none(""), caller, &meter, deadline);
            let outcome = LIMIT.hold(A::run(&ctx)).await;
            let failure = outcome.as_ref().err();
            let failure =
                failure.map(|error| (ErrorCode::Domain(error.code()), error as &dyn StdError));
            let record = watch.record(A::NAME, "", principal.actor(), &meter, failure);
            (record.dynamodb_requests > 0 || record.error.is_some()).then_some(record)
        }
        .boxed()
    }
}
