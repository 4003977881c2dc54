//! Endpoints of principals: one file each.

mod get;

pub use get::PrincipalGet;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![operation::<PrincipalGet>()]
}
