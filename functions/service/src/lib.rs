//! Endpoints of the deployment itself. The function of API Gateway's `$default` route is in this
//! package too: `slipway_edge::default_route` is all that it is.

mod health;
mod openapi;

pub use health::Health;
pub use openapi::{OPENAPI, OpenApi};

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![operation::<Health>(), operation::<OpenApi>()]
}
