//! What a mirror downloads: a manifest, and each artifact once.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::manifest::Manifest;
use slipway_domain::{ArtifactId, Sha256, SnapshotId};

/// A snapshot's bundle. `M` is the signed manifest; all else follows from it, so that its signature
/// covers the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Bundle")]
pub struct Bundle<M> {
    /// The snapshot.
    pub snapshot_id: SnapshotId,
    /// Its signed manifest.
    pub manifest: M,
    /// Each artifact once, however many releases refer to it.
    pub artifacts: Vec<BundleArtifact>,
    /// The manifest's signature.
    pub signature: String,
}

/// An artifact to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BundleArtifact {
    /// The first artifact that has these bytes.
    pub artifact_id: ArtifactId,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Where its vendor serves it.
    pub download_url: String,
    /// Its length.
    pub size_bytes: u64,
}

impl<M> Bundle<M> {
    /// Where the manifest of the snapshot `id` begins in the bundle's JSON, in bytes: it can be
    /// read without the rest.
    #[must_use]
    pub fn manifest_offset(id: &SnapshotId) -> u64 {
        format!(r#"{{"snapshot_id":"{id}","manifest":"#).len() as u64
    }
}

impl Manifest {
    /// Each artifact once, by digest, in the order of the releases.
    #[must_use]
    pub fn distinct_artifacts(&self) -> Vec<BundleArtifact> {
        let mut seen = BTreeSet::new();
        let all = self.releases.iter().flat_map(|release| &release.artifacts);
        let first = all.filter(|artifact| seen.insert(&artifact.sha256));
        first
            .map(|artifact| BundleArtifact {
                artifact_id: artifact.artifact_id.clone(),
                sha256: artifact.sha256,
                download_url: artifact.download_url.clone(),
                size_bytes: artifact.size_bytes,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_lies_in_the_bundle_where_its_offset_says() {
        let snapshot_id: SnapshotId = "snapshot_1".parse().unwrap();
        let offset = Bundle::<()>::manifest_offset(&snapshot_id);
        let bundle = Bundle {
            snapshot_id,
            manifest: "here",
            artifacts: Vec::new(),
            signature: String::new(),
        };
        let json = serde_json::to_string(&bundle).unwrap();
        assert!(json[usize::try_from(offset).unwrap()..].starts_with("\"here\""), "{json}");
    }
}
