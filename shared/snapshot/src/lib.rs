//! Snapshots: what a tenant may have at a moment, signed, for mirrors to copy and to serve
//! themselves.
//!
//! A tenant has one [`SnapshotStream`] of snapshots for each [`ChannelSet`]; each snapshot of a
//! stream bears the next sequence number.

mod assembly;
mod bundle;
mod channels;
mod config;
mod generation;
mod manifest;
pub mod mirror;
mod retention;
mod schedule;
mod span;
mod stream;

pub use assembly::{ChannelReleases, Contents, IndexEntry, MAX_HISTORY};
pub use bundle::{Bundle, BundleArtifact};
pub use channels::{ChannelList, ChannelSet, StreamId};
pub use config::{NewSnapshotConfig, SnapshotConfig};
pub use generation::{CatalogChange, GenerationMode, NewGeneration, StreamSelector, WorkItem};
pub use manifest::{Manifest, SnapshotArtifact, SnapshotRelease};
pub use retention::RetentionPolicy;
pub use schedule::{Cron, Schedule};
pub use span::Span;
pub use stream::{MAX_STREAMS, Snapshot, SnapshotStream};
