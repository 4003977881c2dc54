//! Endpoints and jobs of artifacts: one file each.

mod download;
mod get;
mod list;
mod register;
mod verify;
mod verify_artifact;

pub use download::ArtifactDownload;
pub use get::ArtifactGet;
pub use list::ArtifactList;
pub use register::ArtifactRegister;
pub use verify::ArtifactVerify;
pub use verify_artifact::VerifyArtifact;

use slipway_edge::{DynJob, Operation, job, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<ArtifactRegister>(),
        operation::<ArtifactGet>(),
        operation::<ArtifactList>(),
        operation::<ArtifactDownload>(),
        operation::<ArtifactVerify>(),
    ]
}

/// Every job of this package.
#[must_use]
pub fn jobs() -> Vec<Box<dyn DynJob>> {
    vec![job::<VerifyArtifact>()]
}
