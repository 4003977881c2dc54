//! Container registries, over the OCI distribution API 1.1 and what Docker's registries had before
//! it: the tags of a repository, the digest of a tag, and the manifests of an index.
//!
//! A [`Registry`] is one registry, reached under the rules of a client of `slipway-outbound`, until
//! a deadline. Nothing is pulled but manifests; nothing is written.
//!
//! Reading order: [`credentials`](Credentials), [`registry`](Registry), `authorization`, `tags`,
//! `manifest`, `presence`. `docs/decisions/0062-registries-by-the-outbound-client.md` says why no
//! OCI crate does this.

mod authorization;
mod challenge;
mod credentials;
mod error;
mod link;
mod manifest;
mod presence;
mod registry;
mod tags;

pub use self::credentials::{Credentials, Password};
pub use self::error::{Error, Result};
pub use self::manifest::{Manifest, ManifestReference, PlatformManifest};
pub use self::registry::{Registry, limits};
pub use self::tags::{TagPage, TagsCursor};
