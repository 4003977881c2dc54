//! The endpoint of public keys.

mod list;

pub use list::KeyList;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![operation::<KeyList>()]
}
