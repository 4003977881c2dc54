//! Snapshots: what a tenant may have at a moment, signed, for mirrors to copy and to serve themselves.
//!
//! A tenant has one stream of snapshots for each set of channels; each snapshot of a stream bears the next sequence number.

mod bundle;
mod channels;
mod manifest;

pub use self::bundle::{Bundle, BundleArtifact};
pub use self::channels::{ChannelSet, StreamId};
pub use self::manifest::{Manifest, SnapshotArtifact, SnapshotRelease};
