//! Endpoints of trust rules: one file each.

mod create;
mod delete;
mod get;
mod list;

pub use create::TrustCreate;
pub use delete::TrustDelete;
pub use get::TrustGet;
pub use list::TrustList;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<TrustCreate>(),
        operation::<TrustList>(),
        operation::<TrustGet>(),
        operation::<TrustDelete>(),
    ]
}
