//! Endpoints, and how the frame sees them.

use std::marker::PhantomData;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use schemars::{JsonSchema, SchemaGenerator};
use slipway_aws::Meter;
use slipway_domain::Result;

use crate::after_response::DynAfterResponse;
use crate::authenticator::Authenticator;
use crate::capabilities::{CapabilitySet, Entity};
use crate::ctx::{Caller, Ctx};
use crate::deadline::Deadline;
use crate::describe::OperationDoc;
use crate::documentation::Documentation;
use crate::error::RequestError;
use crate::function_size::FunctionSize;
use crate::input::{Input, RoutedRequest};
use crate::output::{Output, ResponseParts};
use crate::permissions::{Grant, PartGrants, Permissions, write_catalog};
use crate::request::Request;
use crate::route::{Authorization, Route};
use crate::services::Services;

/// One endpoint: what it is in constants and types, and what it does in [`Endpoint::handle`].
///
/// The doc comment of the type is the endpoint's documentation. `#[derive(JsonSchema)]` hands it to
/// [`Documentation`]: the first paragraph is the summary in the OpenAPI document, all of it the
/// description.
pub trait Endpoint: JsonSchema + Send + Sync + 'static {
    /// Its place in the API.
    const ROUTE: Route;
    /// The entities whose rows its handler writes; none, unless it has a `Writer`. IAM refuses all
    /// others.
    const WRITES: &'static [Entity] = &[];
    /// Memory and time of its function.
    const SIZE: FunctionSize = FunctionSize::REQUEST;
    /// What its handler may touch.
    type Capabilities: CapabilitySet;
    /// What it takes.
    type Input: Input;
    /// What it answers.
    type Output: Output;

    /// What its function does after a response; nothing, where an endpoint does not say so.
    #[must_use]
    fn after_response() -> Option<Box<dyn DynAfterResponse>> {
        None
    }

    /// How its callers become known, where their credentials are none of Slipway's. A type's own
    /// authenticator keeps what it needs out of all other functions.
    #[must_use]
    fn authenticator() -> Option<Box<dyn Authenticator>> {
        None
    }

    /// Does it. The caller is authenticated and has the scope; the input is legal in form.
    ///
    /// # Errors
    /// What the caller is refused with.
    fn handle(
        ctx: &Ctx<Self::Capabilities>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// An endpoint without its types: what the frame, the local stack and the generators work with.
pub trait Operation: Send + Sync {
    /// Its place in the API.
    fn route(&self) -> Route;
    /// What IAM has to allow: for the handler, and for the frame around it.
    fn permissions(&self) -> Permissions;
    /// Memory and time of its function.
    fn size(&self) -> FunctionSize;
    /// Its inputs and outputs, for the OpenAPI document.
    fn describe(&self, schemas: &mut SchemaGenerator) -> OperationDoc;
    /// What its function does after a response.
    fn after_response(&self) -> Option<Box<dyn DynAfterResponse>>;
    /// How its callers become known, where that is not by Slipway's own credentials.
    fn authenticator(&self) -> Option<Box<dyn Authenticator>>;
    /// Reads the input, calls the handler, writes the output.
    fn call<'a>(
        &'a self,
        services: &'a Arc<Services>,
        request: &'a Request,
        caller: Caller,
        meter: &'a Meter,
    ) -> BoxFuture<'a, Result<ResponseParts, RequestError>>;
}

/// The operation that an endpoint is.
#[must_use]
pub fn operation<E: Endpoint>() -> Box<dyn Operation> {
    Box::new(Erased::<E>(PhantomData))
}

struct Erased<E>(PhantomData<fn() -> E>);

impl<E: Endpoint> Operation for Erased<E> {
    fn route(&self) -> Route {
        E::ROUTE
    }

    fn permissions(&self) -> Permissions {
        const { declared(E::Capabilities::GRANTS, E::WRITES) };
        let authenticator = E::authenticator();
        let authenticated = E::ROUTE.access != Authorization::Public && authenticator.is_none();
        let permissions = Permissions::new(E::Capabilities::GRANTS, E::WRITES)
            .and(authenticated.then_some(Grant::ReadCredentials))
            .and_grants(authenticator.map_or(&[], |authenticator| authenticator.grants()))
            .and_writes(E::ROUTE.idempotent.then_some(Entity::IdempotencyRecord));
        match E::after_response() {
            Some(work) => permissions.and_all(work.permissions()),
            None => permissions,
        }
    }

    fn size(&self) -> FunctionSize {
        E::SIZE
    }

    fn describe(&self, schemas: &mut SchemaGenerator) -> OperationDoc {
        let documentation = Documentation::of::<E>();
        let mut operation =
            OperationDoc::new(E::ROUTE, documentation, E::Output::describe(schemas));
        E::Input::describe(&mut operation, schemas);
        operation
    }

    fn after_response(&self) -> Option<Box<dyn DynAfterResponse>> {
        E::after_response()
    }

    fn authenticator(&self) -> Option<Box<dyn Authenticator>> {
        E::authenticator()
    }

    fn call<'a>(
        &'a self,
        services: &'a Arc<Services>,
        request: &'a Request,
        caller: Caller,
        meter: &'a Meter,
    ) -> BoxFuture<'a, Result<ResponseParts, RequestError>> {
        async move {
            let input = E::Input::read(&RoutedRequest::of(request, E::ROUTE))?;
            let deadline = Deadline::before(services.end_of(E::SIZE), &services.clock);
            let ctx = Ctx::new(services, E::ROUTE.op, request, caller, meter, deadline)
                .conditional_as(E::ROUTE);
            Ok(ctx.response(&E::handle(&ctx, input).await?)?)
        }
        .boxed()
    }
}

/// Makes sure, when the function is compiled, that who has a `Writer` declares what it writes, and
/// nobody else does.
pub(crate) const fn declared(parts: PartGrants<'_>, writes: &[Entity]) {
    assert!(
        write_catalog(parts) != writes.is_empty(),
        "WRITES names what a Writer writes: neither goes without the other"
    );
}
