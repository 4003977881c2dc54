//! Endpoints of the deployment itself, and the dispatcher of its jobs. The function of API Gateway's `$default` route is in this
//! package too: `slipway_edge::default_route` is all that it is.

mod dispatch_messages;
mod dispatch_rows;
mod health;
mod live;
mod openapi;
mod ready;

pub use dispatch_rows::DispatchRows;
pub use health::Health;
pub use live::Live;
pub use openapi::{OPENAPI, OpenApi};
pub use ready::Ready;

use slipway_edge::{DynJob, Operation, job, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![operation::<Health>(), operation::<Live>(), operation::<Ready>(), operation::<OpenApi>()]
}

/// Every job of this package.
#[must_use]
pub fn jobs() -> Vec<Box<dyn DynJob>> {
    vec![job::<DispatchRows>()]
}
