//! Endpoints of the audit log: one file each.

mod list;

pub use list::AuditList;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![operation::<AuditList>()]
}
