//! Endpoints of environments: one file each.

mod create;
mod delete;
mod get;
mod list;
mod update;

pub use create::EnvironmentCreate;
pub use delete::EnvironmentDelete;
pub use get::EnvironmentGet;
pub use list::EnvironmentList;
pub use update::EnvironmentUpdate;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<EnvironmentCreate>(),
        operation::<EnvironmentList>(),
        operation::<EnvironmentGet>(),
        operation::<EnvironmentUpdate>(),
        operation::<EnvironmentDelete>(),
    ]
}
