//! Endpoints of releases: one file each; and the jobs that move their rollouts on, and halt them.

mod advance_rollouts;
mod artifact_add;
mod artifact_presign;
mod artifacts;
mod create;
mod delete;
mod get;
mod halt_releases;
mod health;
mod history;
mod list;
mod promote;
mod publish;
mod registration;
mod revoke;
mod rollout;
mod sign_off;
mod update;

pub use artifact_add::ReleaseArtifactAdd;
pub use artifact_presign::ReleaseArtifactPresign;
pub use artifacts::ReleaseArtifacts;
pub use create::ReleaseCreate;
pub use delete::ReleaseDelete;
pub use get::ReleaseGet;
pub use health::ReleaseHealth;
pub use history::ReleaseHistory;
pub use list::ReleaseList;
pub use promote::ReleasePromote;
pub use publish::ReleasePublish;
pub use revoke::ReleaseRevoke;
pub use rollout::ReleaseRollout;
pub use update::ReleaseUpdate;

pub use advance_rollouts::AdvanceRollouts;
pub use halt_releases::HaltReleases;

use slipway_edge::{DynJob, Operation, job, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<ReleaseCreate>(),
        operation::<ReleaseList>(),
        operation::<ReleaseGet>(),
        operation::<ReleaseHistory>(),
        operation::<ReleaseHealth>(),
        operation::<ReleaseUpdate>(),
        operation::<ReleasePublish>(),
        operation::<ReleaseRollout>(),
        operation::<ReleaseRevoke>(),
        operation::<ReleasePromote>(),
        operation::<ReleaseDelete>(),
        operation::<ReleaseArtifacts>(),
        operation::<ReleaseArtifactPresign>(),
        operation::<ReleaseArtifactAdd>(),
    ]
}

/// Every job of this package.
#[must_use]
pub fn jobs() -> Vec<Box<dyn DynJob>> {
    vec![job::<AdvanceRollouts>(), job::<HaltReleases>()]
}
