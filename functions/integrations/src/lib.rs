//! Endpoints of integrations: one file each.

mod create;
mod delete;
mod get;
mod list;
mod probe;
mod test;
mod update;

pub use create::IntegrationCreate;
pub use delete::IntegrationDelete;
pub use get::IntegrationGet;
pub use list::IntegrationList;
pub use test::IntegrationTest;
pub use update::IntegrationUpdate;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<IntegrationCreate>(),
        operation::<IntegrationList>(),
        operation::<IntegrationGet>(),
        operation::<IntegrationUpdate>(),
        operation::<IntegrationDelete>(),
        operation::<IntegrationTest>(),
    ]
}
