//! Snapshots: what a tenant may have at a moment, signed, for mirrors to copy and to serve themselves.
//!
//! A tenant has one [`Stream`] of snapshots for each [`ChannelSet`]; each snapshot of a stream bears the next sequence number.

mod assembly;
mod bundle;
mod channels;
mod config;
mod generation;
mod manifest;
mod retention;
mod schedule;
mod span;
mod stream;

pub use self::assembly::{Contents, IndexEntry, MAX_HISTORY, Shelf};
pub use self::bundle::{Bundle, BundleArtifact};
pub use self::channels::{ChannelList, ChannelSet, StreamId};
pub use self::config::{NewSnapshotConfig, SnapshotConfig};
pub use self::generation::{Change, Demand, NewGeneration, Selection, Work};
pub use self::manifest::{Manifest, SnapshotArtifact, SnapshotRelease};
pub use self::retention::Retention;
pub use self::schedule::{Cron, Schedule};
pub use self::span::Span;
pub use self::stream::{MAX_STREAMS, Snapshot, Stream};
