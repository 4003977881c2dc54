//! Artifacts on S3.
//!
//! Clients write to `incoming/` through presigned URLs, and to nothing else. Verified bytes are copied inside S3 to a key made
//! from their digest, for which no presigned PUT exists, and are served from there. [`Intake`], [`Verification`] and
//! [`Delivery`] are what a function may hold: each stands for its own set of IAM actions.

mod bucket;
mod copying;
mod delivery;
mod hashing;
mod intake;
mod keys;
mod verification;

pub use bucket::Bucket;
pub use delivery::Delivery;
pub use hashing::Progress;
pub use intake::{HeldPart, Intake, PresignedPut};
pub use keys::{INCOMING, incoming, served, upload_of};
pub use verification::{Arrival, Kept, Verification};
