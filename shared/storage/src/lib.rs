//! Artifacts on S3.
//!
//! Clients write to `incoming/` through presigned URLs, and to nothing else. Verified bytes are copied inside S3 to a key made
//! from their digest, for which no presigned PUT exists, and are served from there. Snapshots lie under `snapshots/`, and are
//! written once. [`Intake`], [`Verification`], [`Delivery`] and the `Snapshot` types are what a function may hold: each stands for its own set of IAM actions.

mod bucket;
mod copying;
mod delivery;
mod hashing;
mod intake;
mod keys;
mod snapshots;
mod verification;

pub use bucket::Bucket;
pub use delivery::Delivery;
pub use hashing::Progress;
pub use intake::{HeldPart, Intake, PresignedPut};
pub use keys::{INCOMING, SNAPSHOTS, bundle, incoming, manifest, served, snapshot_of, upload_of};
pub use snapshots::{Content, INLINE_BYTES, SnapshotArchive, SnapshotDelivery, SnapshotDisposal, StoredObject};
pub use verification::{Arrival, Kept, Verification};
