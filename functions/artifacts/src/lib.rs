//! Endpoints of artifacts: one file each.

mod download;
mod get;
mod list;
mod register;

pub use download::ArtifactDownload;
pub use get::ArtifactGet;
pub use list::ArtifactList;
pub use register::ArtifactRegister;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<ArtifactRegister>(),
        operation::<ArtifactGet>(),
        operation::<ArtifactList>(),
        operation::<ArtifactDownload>(),
    ]
}
