//! Endpoints of artifacts: one file each.

mod download;
mod get;
mod list;
mod register;

pub use download::ArtifactDownload;
pub use get::ArtifactGet;
pub use list::ArtifactList;
pub use register::ArtifactRegister;
