//! The functions that events start: one file each.

mod finish_upload;
mod retention;
mod snapshot_for_tenant;
mod snapshot_on_change;
mod snapshot_on_schedule;

pub use finish_upload::FinishUpload;
pub use retention::Retention;
pub use snapshot_for_tenant::SnapshotForTenant;
pub use snapshot_on_change::SnapshotOnChange;
pub use snapshot_on_schedule::SnapshotOnSchedule;
