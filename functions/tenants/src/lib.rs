//! Endpoints of tenants: one file each.

mod create;
mod get;
mod list;
mod update;

pub use create::TenantCreate;
pub use get::TenantGet;
pub use list::TenantList;
pub use update::TenantUpdate;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<TenantCreate>(),
        operation::<TenantList>(),
        operation::<TenantGet>(),
        operation::<TenantUpdate>(),
    ]
}
