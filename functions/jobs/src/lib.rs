//! The functions that events start: one file each.

mod finish_upload;

pub use finish_upload::FinishUpload;
