//! Endpoints of snapshots: one file each; and how snapshots are made ([`generation`]), for one tenant or for all ([`fan_out`]).

mod bundle;
mod config_get;
mod config_put;
pub mod fan_out;
mod generate;
pub mod generation;
mod get;
mod latest;
mod list;

pub use bundle::SnapshotBundle;
pub use config_get::SnapshotConfigGet;
pub use config_put::SnapshotConfigPut;
pub use generate::SnapshotGenerate;
pub use get::SnapshotGet;
pub use latest::SnapshotLatest;
pub use list::SnapshotList;
