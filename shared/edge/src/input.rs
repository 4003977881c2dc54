//! What endpoints take, read at the border: what gets through is legal in form.

pub mod body;
pub mod body_digest;
pub mod path;
pub mod query;
mod schema;
pub mod source_network;

use schemars::SchemaGenerator;

use crate::describe::OperationDoc;
use crate::error::RequestError;
use crate::request::Request;
use crate::route::Route;

/// A request, and the route that it has taken.
#[derive(Debug)]
pub struct RoutedRequest<'a> {
    pub(crate) request: &'a Request,
    route: Route,
    values: Vec<String>,
}

impl<'a> RoutedRequest<'a> {
    pub(crate) fn of(request: &'a Request, route: Route) -> Self {
        Self { request, route, values: route.match_path(&request.path).unwrap_or_default() }
    }

    /// The path's parameters with their values, in the order of the path.
    pub(crate) fn path_parameters(&self) -> Vec<(&'static str, &str)> {
        self.route.parameters().zip(self.values.iter().map(String::as_str)).collect()
    }
}

/// Something that can be read from a request.
pub trait Input: Sized + Send {
    /// Reads it.
    ///
    /// # Errors
    /// What the caller is refused with: what is wrong, where, and what would be right.
    fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError>;

    /// Adds it to the description of an operation.
    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator);
}

impl Input for () {
    fn read(_: &RoutedRequest<'_>) -> Result<Self, RequestError> {
        Ok(())
    }

    fn describe(_: &mut OperationDoc, _: &mut SchemaGenerator) {}
}

/// Several inputs are read in their order; the first that is wrong is reported.
macro_rules! tuple {
    ($($part:ident),+) => {
        impl<$($part: Input),+> Input for ($($part,)+) {
            fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError> {
                Ok(($($part::read(routed)?,)+))
            }

            fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
                $($part::describe(operation, schemas);)+
            }
        }
    };
}

tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);
