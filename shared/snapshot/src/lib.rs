//! Snapshots: signed manifests of the releases that a tenant is entitled to, which mirrors copy and
//! serve.
//!
//! A tenant has one [`SnapshotStream`] for each requested [`ChannelSet`]. Within a stream,
//! snapshots have consecutive sequence numbers.
//!
//! Reading order: `channels`, `stream`, `stream_use`, `assembly`, `manifest`, `bundle`, `catalog`,
//! `generation`, `config`, `schedule`, `retention`, [`mirror`].

mod assembly;
mod bundle;
mod catalog;
mod channels;
mod config;
mod generation;
mod manifest;
pub mod mirror;
mod retention;
mod schedule;
mod stream;
mod stream_use;

pub use assembly::{ChannelReleases, Contents, IndexEntry, MAX_HISTORY};
pub use bundle::{ArtifactSources, Bundle, BundleArtifact};
pub use catalog::SnapshotCatalog;
pub use channels::{ChannelList, ChannelSet, StreamId};
pub use config::{ConfigDocument, NewSnapshotConfig, SnapshotConfig};
pub use generation::{CatalogChange, GenerationMode, NewGeneration, StreamSelector, WorkItem};
pub use manifest::{Manifest, SnapshotArtifact, SnapshotRelease, SnapshotRollout};
pub use retention::RetentionPolicy;
pub use schedule::{Cron, Schedule};
pub use slipway_domain::Span;
pub use stream::{MAX_STREAMS, Snapshot, SnapshotStream};
pub use stream_use::StreamUse;
