//! The endpoint that installed clients ask.

mod decide;
mod group;
mod record_adoption;

pub use decide::Decide;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![operation::<Decide>()]
}
