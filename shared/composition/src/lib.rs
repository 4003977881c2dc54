//! Release bundles: container images that are pinned by digest, and releases that bundle them.
//!
//! Pure: no AWS, no HTTP, no clock, no randomness.

mod image;

pub use self::image::{ImageDigest, ImageRepository, ImageTag};
