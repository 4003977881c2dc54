//! Endpoints of promotions of release bundles to environments: one file each.

mod approve;
mod complete;
mod create;
mod get;
mod list;
mod reject;

pub use approve::PromotionApprove;
pub use complete::PromotionComplete;
pub use create::PromotionCreate;
pub use get::PromotionGet;
pub use list::PromotionList;
pub use reject::PromotionReject;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<PromotionCreate>(),
        operation::<PromotionList>(),
        operation::<PromotionGet>(),
        operation::<PromotionApprove>(),
        operation::<PromotionReject>(),
        operation::<PromotionComplete>(),
    ]
}
