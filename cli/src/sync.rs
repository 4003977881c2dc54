//! `slipway mirror sync`: the eight steps from the vendor's latest snapshot to serving it.

mod download;
mod missing;
mod progress;
mod report;
mod run;

pub use self::missing::MissingArtifacts;
pub use self::progress::Verbosity;
pub use self::report::{LastSync, Summary};
pub use self::run::{client, sync};
