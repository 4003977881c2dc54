//! Artifacts and snapshots in S3, or in another object store with its API ([`StoreTraits`]).
//!
//! Clients write to `incoming/` only, through presigned URLs. Verified bytes are copied inside S3
//! to a key derived from their digest, for which no presigned PUT exists, and are served from
//! there. Snapshots are under `snapshots/` and written once.
//!
//! A function holds an [`UploadStore`], [`UploadVerifier`], [`ArtifactReader`], [`SnapshotWriter`],
//! [`SnapshotReader`] or [`SnapshotDeleter`]: each stands for its own set of IAM actions.

mod artifact_reader;
mod bucket;
mod copying;
mod hashing;
mod keys;
mod open_multipart;
mod part_copy;
mod progress;
mod read_url;
mod snapshots;
mod store_traits;
mod upload_store;
mod upload_sweeper;
mod upload_verifier;

pub use artifact_reader::ArtifactReader;
pub use bucket::Bucket;
pub use copying::CopyOutcome;
pub use keys::{INCOMING, SNAPSHOTS, bundle, incoming, manifest, served, snapshot_of, upload_of};
pub use progress::VerificationStep;
pub use read_url::ReadMethod;
pub use snapshots::{
    DocumentBody, INLINE_BYTES, SnapshotDeleter, SnapshotReader, SnapshotWriter, StoredObject,
};
pub use store_traits::{CopyLimits, StoreTraits};
pub use upload_store::{HeldPart, PresignedPut, UploadStore};
pub use upload_sweeper::UploadSweeper;
pub use upload_verifier::{UploadVerifier, UploadedObject, Verification};
