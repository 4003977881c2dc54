//! Endpoints of mirrors: one file each.

mod create;
mod list;
mod report;
mod status;

pub use create::MirrorCreate;
pub use list::MirrorList;
pub use report::MirrorReport;
pub use status::MirrorStatusGet;
