//! Endpoints of the deployment itself.

mod health;
mod openapi;

pub use health::Health;
pub use openapi::OpenApi;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![operation::<Health>(), operation::<OpenApi>()]
}
