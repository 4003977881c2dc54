//! Endpoints of uploads, one file each, and [`finish`], which ends an upload whoever asks for it.

mod abort;
mod complete;
pub mod finish;
mod finish_upload;
mod get;
mod initiate;
mod parts;
mod step;
mod sweep_uploads;
mod view;

pub use abort::UploadAbort;
pub use complete::UploadComplete;
pub use get::UploadGet;
pub use initiate::UploadInitiate;
pub use parts::UploadParts;

pub use finish_upload::{FinishUpload, UploadMessage};
pub use sweep_uploads::SweepUploads;

use slipway_edge::{DynJob, Operation, job, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<UploadInitiate>(),
        operation::<UploadGet>(),
        operation::<UploadParts>(),
        operation::<UploadComplete>(),
        operation::<UploadAbort>(),
    ]
}

/// Every job of this package.
#[must_use]
pub fn jobs() -> Vec<Box<dyn DynJob>> {
    vec![job::<FinishUpload>(), job::<SweepUploads>()]
}
