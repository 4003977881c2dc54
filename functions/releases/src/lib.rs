//! Endpoints of releases: one file each.

mod artifact_add;
mod artifacts;
mod create;
mod delete;
mod get;
mod list;
mod promote;
mod publish;
mod revoke;
mod rollout;
mod update;

pub use artifact_add::ReleaseArtifactAdd;
pub use artifacts::ReleaseArtifacts;
pub use create::ReleaseCreate;
pub use delete::ReleaseDelete;
pub use get::ReleaseGet;
pub use list::ReleaseList;
pub use promote::ReleasePromote;
pub use publish::ReleasePublish;
pub use revoke::ReleaseRevoke;
pub use rollout::ReleaseRollout;
pub use update::ReleaseUpdate;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<ReleaseCreate>(),
        operation::<ReleaseList>(),
        operation::<ReleaseGet>(),
        operation::<ReleaseUpdate>(),
        operation::<ReleasePublish>(),
        operation::<ReleaseRollout>(),
        operation::<ReleaseRevoke>(),
        operation::<ReleasePromote>(),
        operation::<ReleaseDelete>(),
        operation::<ReleaseArtifacts>(),
        operation::<ReleaseArtifactAdd>(),
    ]
}
