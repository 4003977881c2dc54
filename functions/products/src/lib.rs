//! Endpoints of products and their releases: one file each.

mod activity;
mod adoption;
mod create;
mod get;
mod list;
mod release_latest;
mod releases;
mod update;

pub use activity::ProductActivity;
pub use adoption::ProductAdoption;
pub use create::ProductCreate;
pub use get::ProductGet;
pub use list::ProductList;
pub use release_latest::ProductReleaseLatest;
pub use releases::ProductReleases;
pub use update::ProductUpdate;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<ProductCreate>(),
        operation::<ProductList>(),
        operation::<ProductGet>(),
        operation::<ProductUpdate>(),
        operation::<ProductReleases>(),
        operation::<ProductReleaseLatest>(),
        operation::<ProductAdoption>(),
        operation::<ProductActivity>(),
    ]
}
