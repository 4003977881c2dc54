//! Endpoints of uploads, one file each, and [`finish`], which ends an upload whoever asks for it.

mod abort;
mod complete;
pub mod finish;
mod get;
mod initiate;
mod parts;
mod view;

pub use abort::UploadAbort;
pub use complete::UploadComplete;
pub use get::UploadGet;
pub use initiate::UploadInitiate;
pub use parts::UploadParts;
