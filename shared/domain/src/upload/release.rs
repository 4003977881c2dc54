//! The release that an upload is for.

use crate::release::Release;
use crate::{ProductId, ReleaseId};

/// The release that an upload is for: what is done with its bytes is among the release's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRelease {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Product of the release.
    pub product_id: ProductId,
    /// The revision that the release had: it tells after which of its changes the events come.
    pub revision: u64,
}

impl UploadRelease {
    /// `release`, which has `revision`.
    #[must_use]
    pub fn of(release: &Release, revision: u64) -> Self {
        let (release_id, product_id) = (release.release_id.clone(), release.product_id.clone());
        Self { release_id, product_id, revision }
    }
}
