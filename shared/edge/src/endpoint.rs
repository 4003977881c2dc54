//! Endpoints, and how the frame sees them.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use schemars::{JsonSchema, SchemaGenerator};
use slipway_aws::Meter;
use slipway_domain::{Principal, Result};

use crate::capabilities::{Capabilities, Grant};
use crate::ctx::Ctx;
use crate::documentation::Documentation;
use crate::input::{Input, RoutedRequest};
use crate::openapi::OperationDoc;
use crate::output::{Output, ResponseParts};
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
    /// What its handler may touch.
    type Capabilities: Capabilities;
    /// What it takes.
    type Input: Input;
    /// What it answers.
    type Output: Output;

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
    fn grants(&self) -> BTreeSet<Grant>;
    /// Its inputs and outputs, for the OpenAPI document.
    fn describe(&self, schemas: &mut SchemaGenerator) -> OperationDoc;
    /// Reads the input, calls the handler, writes the output.
    fn call<'a>(
        &'a self,
        services: &'a Arc<Services>,
        request: &'a Request,
        principal: Principal,
        meter: &'a Meter,
    ) -> BoxFuture<'a, Result<ResponseParts>>;
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

    fn grants(&self) -> BTreeSet<Grant> {
        let authentication =
            (E::ROUTE.access != Authorization::Public).then_some(Grant::ReadCatalog);
        let idempotency = E::ROUTE.idempotent.then_some(Grant::WriteCatalog);
        E::Capabilities::GRANTS.iter().copied().chain(authentication).chain(idempotency).collect()
    }

    fn describe(&self, schemas: &mut SchemaGenerator) -> OperationDoc {
        OperationDoc::of::<E::Input, E::Output>(E::ROUTE, Documentation::of::<E>(), schemas)
    }

    fn call<'a>(
        &'a self,
        services: &'a Arc<Services>,
        request: &'a Request,
        principal: Principal,
        meter: &'a Meter,
    ) -> BoxFuture<'a, Result<ResponseParts>> {
        async move {
            let input = E::Input::read(&RoutedRequest::of(request, E::ROUTE))?;
            let ctx = Ctx::new(services, E::ROUTE.op, request, principal, meter);
            E::handle(&ctx, input).await?.into_response_parts()
        }
        .boxed()
    }
}
