//! Jobs: functions that events start, without a caller.

use std::marker::PhantomData;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use slipway_aws::Meter;
use slipway_domain::{Error, Principal, Result};

use crate::capabilities::{CapabilitySet, Entity};
use crate::ctx::{Caller, Ctx};
use crate::deadline::{Deadline, Invocation};
use crate::dispatch::DispatchedRows;
use crate::endpoint::declared;
use crate::function_size::FunctionSize;
use crate::permissions::Permissions;
use crate::request::Request;
use crate::services::Services;

/// One job. AWS delivers its events at least once, in any order: handling one twice has to change
/// nothing.
pub trait Job: Send + Sync + 'static {
    /// The one name of the job, such as `finish-upload`.
    const NAME: &'static str;
    /// What starts it.
    const TRIGGER: Trigger;
    /// The entities whose rows its handler writes; none, unless it has a `Writer`. IAM refuses all
    /// others.
    const WRITES: &'static [Entity] = &[];
    /// Memory and time of its function.
    const SIZE: FunctionSize = FunctionSize::JOB;
    /// What its handler may touch.
    type Capabilities: CapabilitySet;
    /// The event, as AWS writes it.
    type Event: DeserializeOwned + Send;

    /// Does it.
    ///
    /// # Errors
    /// A failure makes AWS deliver the event again.
    fn handle(
        ctx: &Ctx<Self::Capabilities>,
        event: Self::Event,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// What starts a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// S3 has stored an object whose key begins with `prefix`.
    ObjectCreated {
        /// The beginning of the key.
        prefix: &'static str,
    },
    /// Rows whose partition key begins with `prefix` were inserted into the catalog's table: its
    /// stream tells, of all in the deployment's batch window, up to 1,000, at once. This is one of
    /// the two readers that a stream takes.
    RowsInserted {
        /// The beginning of the partition key.
        prefix: &'static str,
    },
    /// Rows for any of the jobs of [`DISPATCHED`](crate::dispatch::DISPATCHED) were inserted: the
    /// trigger of the dispatcher, the other reader.
    RowsToDispatch,
    /// The dispatcher, with messages that read like events of the stream.
    RowsDispatched(&'static DispatchedRows),
    /// Other functions, by messages: see [`InvocableJob`](crate::InvocableJob).
    Message,
    /// EventBridge, every so many minutes. Nothing in its event is needed.
    Schedule {
        /// The minutes.
        minutes: u32,
    },
}

/// A job without its types.
pub trait DynJob: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What starts it.
    fn trigger(&self) -> Trigger;
    /// What IAM has to allow.
    fn permissions(&self) -> Permissions;
    /// Memory and time of its function.
    fn size(&self) -> FunctionSize;
    /// Reads the event and calls the handler.
    fn call<'a>(
        &'a self,
        services: &'a Arc<Services>,
        event: Value,
        invocation: &'a Invocation,
        meter: &'a Meter,
    ) -> BoxFuture<'a, Result<()>>;
}

/// The task that a job is.
#[must_use]
pub fn job<J: Job>() -> Box<dyn DynJob> {
    Box::new(Erased::<J>(PhantomData))
}

struct Erased<J>(PhantomData<fn() -> J>);

impl<J: Job> DynJob for Erased<J> {
    fn name(&self) -> &'static str {
        J::NAME
    }

    fn trigger(&self) -> Trigger {
        J::TRIGGER
    }

    fn permissions(&self) -> Permissions {
        const { declared(J::Capabilities::GRANTS, J::WRITES) };
        Permissions::new(J::Capabilities::GRANTS, J::WRITES)
    }

    fn size(&self) -> FunctionSize {
        J::SIZE
    }

    fn call<'a>(
        &'a self,
        services: &'a Arc<Services>,
        event: Value,
        invocation: &'a Invocation,
        meter: &'a Meter,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let event = serde_json::from_value(event).map_err(Error::internal)?;
            let ctx = Ctx::new(
                services,
                J::NAME,
                &Request::none(&invocation.request_id),
                Caller { principal: Principal::job(J::NAME).into(), idempotent: None },
                meter,
                Deadline::before(invocation.ends_at, &services.clock),
            );
            J::handle(&ctx, event).await
        }
        .boxed()
    }
}
