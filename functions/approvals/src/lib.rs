//! Endpoints of approvals: changes that wait until others approve them.

mod approve;
mod effect;
mod get;
mod list;
mod reject;

pub use approve::ApprovalApprove;
pub use effect::ApprovalEffectGet;
pub use get::ApprovalGet;
pub use list::ApprovalList;
pub use reject::ApprovalReject;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<ApprovalList>(),
        operation::<ApprovalGet>(),
        operation::<ApprovalEffectGet>(),
        operation::<ApprovalApprove>(),
        operation::<ApprovalReject>(),
    ]
}
