//! Endpoints of mirrors: one file each.

mod create;
mod list;
mod report;
mod status;

pub use create::MirrorCreate;
pub use list::MirrorList;
pub use report::MirrorReportPost;
pub use status::MirrorStatusGet;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<MirrorCreate>(),
        operation::<MirrorList>(),
        operation::<MirrorStatusGet>(),
        operation::<MirrorReportPost>(),
    ]
}
