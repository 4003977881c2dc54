//! Endpoints of releases: one file each.

mod artifacts;
mod create;
mod delete;
mod get;
mod list;
mod promote;
mod publish;
mod revoke;
mod rollout;

pub use artifacts::ReleaseArtifacts;
pub use create::ReleaseCreate;
pub use delete::ReleaseDelete;
pub use get::ReleaseGet;
pub use list::ReleaseList;
pub use promote::ReleasePromote;
pub use publish::ReleasePublish;
pub use revoke::ReleaseRevoke;
pub use rollout::ReleaseRollout;
