//! Endpoints of policies: one file for each verb, which does the same on every level, and the levels
//! in `level.rs`.

mod delete;
mod get;
mod level;
mod list;
mod put;

pub use delete::PolicyDelete;
pub use get::PolicyGet;
pub use level::{Global, Level, Product, Tenant, TenantProduct};
pub use list::TenantPolicies;
pub use put::PolicyPut;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    let mut operations = Vec::new();
    operations.extend(operations_on::<Global>());
    operations.extend(operations_on::<Product>());
    operations.extend(operations_on::<Tenant>());
    operations.extend(operations_on::<TenantProduct>());
    operations.push(operation::<TenantPolicies>());
    operations
}

fn operations_on<L: Level>() -> [Box<dyn Operation>; 3] {
    [operation::<PolicyGet<L>>(), operation::<PolicyPut<L>>(), operation::<PolicyDelete<L>>()]
}
