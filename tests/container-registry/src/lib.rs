//! A real container registry for tests: Debian's `docker-registry`, filled by `skopeo`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a test that can't go on has to say so at once"
)]

mod debian_registry;
mod oci_layout;

pub use debian_registry::{Access, DebianRegistry};
pub use oci_layout::OciLayout;
