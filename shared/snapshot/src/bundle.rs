//! Bundles: a manifest with the artifacts to download, for mirrors.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::manifest::Manifest;
use slipway_domain::{ArtifactId, Sha256, SnapshotId};

/// A snapshot's bundle: the signed manifest, and the artifacts that it refers to. Everything
/// besides the manifest is derived from it, so that the manifest's signature covers the bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Bundle")]
pub struct Bundle<M> {
    /// Id of the snapshot.
    pub snapshot_id: SnapshotId,
    /// The snapshot's signed manifest.
    pub manifest: M,
    /// Distinct artifacts of the snapshot, by digest: each listed once, however many releases refer
    /// to it.
    pub artifacts: Vec<BundleArtifact>,
    /// The manifest's signature: Ed25519 (RFC 8032), base64.
    pub signature: String,
}

/// An artifact for a mirror to download.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BundleArtifact {
    /// Id of the artifact; of the first one, if several have these bytes.
    pub artifact_id: ArtifactId,
    /// SHA-256 digest of the bytes.
    pub sha256: Sha256,
    /// Download URL.
    pub download_url: String,
    /// Size in bytes.
    pub size_bytes: u64,
}

impl<M> Bundle<M> {
    /// Byte offset of the manifest in the bundle's JSON for the snapshot `id`, so that it can be
    /// read without the rest.
    #[must_use]
    pub fn manifest_offset(id: &SnapshotId) -> u64 {
        format!(r#"{{"snapshot_id":"{id}","manifest":"#).len() as u64
    }
}

impl Manifest {
    /// The distinct artifacts by digest, in the order of the releases.
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
