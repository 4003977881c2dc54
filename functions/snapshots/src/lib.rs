//! Endpoints of snapshots: one file each; and how snapshots are made ([`generation`]), for one
//! tenant or for all ([`fan_out`]).

mod bundle;
mod config_get;
mod config_put;
pub mod fan_out;
mod generate;
pub mod generation;
mod get;
mod latest;
mod list;
mod retention;
mod snapshot_for_tenant;
mod snapshot_on_change;
mod snapshot_on_schedule;
mod stream_delete;
mod stream_list;
mod stream_use;
mod unused_streams;

pub use bundle::SnapshotBundle;
pub use config_get::SnapshotConfigGet;
pub use config_put::SnapshotConfigPut;
pub use generate::SnapshotGenerate;
pub use get::SnapshotGet;
pub use latest::SnapshotLatest;
pub use list::SnapshotList;
pub use stream_delete::SnapshotStreamDelete;
pub use stream_list::SnapshotStreamList;

pub use retention::Retention;
pub use snapshot_for_tenant::SnapshotForTenant;
pub use snapshot_on_change::SnapshotOnChange;
pub use snapshot_on_schedule::SnapshotOnSchedule;

use slipway_edge::{DynJob, Operation, job, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<SnapshotConfigGet>(),
        operation::<SnapshotConfigPut>(),
        operation::<SnapshotGenerate>(),
        operation::<SnapshotList>(),
        operation::<SnapshotLatest>(),
        operation::<SnapshotGet>(),
        operation::<SnapshotBundle>(),
        operation::<SnapshotStreamList>(),
        operation::<SnapshotStreamDelete>(),
    ]
}

/// Every job of this package.
#[must_use]
pub fn jobs() -> Vec<Box<dyn DynJob>> {
    vec![
        job::<SnapshotOnChange>(),
        job::<SnapshotForTenant>(),
        job::<SnapshotOnSchedule>(),
        job::<Retention>(),
    ]
}
