//! Bundles: a manifest with the artifacts to download, for mirrors.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::manifest::{Manifest, SnapshotArtifact};
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
    /// Id of the artifact; of the first one that is verified, else of the first one, if several have
    /// these bytes.
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

/// The sources of an artifact: where its bytes may be had, the most trustworthy first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactSources {
    /// SHA-256 digest of the bytes.
    pub sha256: Sha256,
    /// Different claims of where the bytes are and how many; those that Slipway has verified come
    /// first. At least one.
    pub sources: Vec<BundleArtifact>,
}

impl Manifest {
    /// The distinct artifacts by digest, in the order of the releases: of each the first source.
    #[must_use]
    pub fn distinct_artifacts(&self) -> Vec<BundleArtifact> {
        let artifacts = self.artifact_sources().into_iter();
        artifacts.filter_map(|artifact| artifact.sources.into_iter().next()).collect()
    }

    /// The distinct artifacts by digest, in the order of the releases, each with all its sources.
    ///
    /// What a vendor says of bytes elsewhere can be wrong, and another product may have the same
    /// bytes: a wrong claim must not stand in the way of a right one.
    #[must_use]
    pub fn artifact_sources(&self) -> Vec<ArtifactSources> {
        let all = || self.releases.iter().flat_map(|release| &release.artifacts);
        let mut places = BTreeMap::new();
        let mut artifacts: Vec<ArtifactSources> = Vec::new();
        let verified_first = all().filter(|a| a.verified).chain(all().filter(|a| !a.verified));
        for artifact in all() {
            places.entry(artifact.facts.sha256).or_insert_with(|| {
                let sources = Vec::new();
                artifacts.push(ArtifactSources { sha256: artifact.facts.sha256, sources });
                artifacts.len() - 1
            });
        }
        for artifact in verified_first {
            let place =
                places.get(&artifact.facts.sha256).and_then(|place| artifacts.get_mut(*place));
            let Some(ArtifactSources { sources, .. }) = place else { continue };
            let is_same = |known: &BundleArtifact| {
                (&known.download_url, known.size_bytes)
                    == (&artifact.download_url, artifact.facts.size_bytes)
            };
            if !sources.iter().any(is_same) {
                sources.push(artifact.into());
            }
        }
        artifacts
    }
}

impl From<&SnapshotArtifact> for BundleArtifact {
    fn from(artifact: &SnapshotArtifact) -> Self {
        Self {
            artifact_id: artifact.facts.artifact_id.clone(),
            sha256: artifact.facts.sha256,
            download_url: artifact.download_url.clone(),
            size_bytes: artifact.facts.size_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn artifact(id: &str, sha256: u8, size_bytes: u64, url: &str, verified: bool) -> Value {
        json!({
            "artifact_id": id, "platform": "windows", "arch": "x86_64", "installer_type": "msi", "requires_admin": false,
            "sha256": format!("{sha256:02x}").repeat(32), "size_bytes": size_bytes, "verified": verified, "download_url": url,
        })
    }

    fn manifest(products: &[(&str, Vec<Value>)]) -> Manifest {
        let release = |(index, (product, artifacts)): (usize, &(&str, Vec<Value>))| {
            json!({
                "release_id": format!("rel_{index:032x}"), "product_id": product, "version": "1.0.0", "channel": "stable",
                "published_at": null, "artifacts": artifacts,
            })
        };
        serde_json::from_value(json!({
            "snapshot_id": "snapshot_1", "tenant_id": "tenant_a", "created_at": "2026-01-01T00:00:00Z",
            "expires_at": "2026-01-02T00:00:00Z", "stream": "all", "channels": ["stable"], "sequence": 1,
            "previous_snapshot_id": null, "content_digest": "00".repeat(32),
            "releases": products.iter().enumerate().map(release).collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    #[test]
    fn a_claim_of_one_product_does_not_stand_in_the_way_of_another_s() {
        let evil = artifact("art_evil", 1, 1, "https://evil.example.com/x", false);
        let own = artifact("art_own", 1, 1000, "https://b.example.com/x", false);
        let stored = artifact("art_stored", 1, 1000, "https://api.example.com/x", true);
        let other = artifact("art_other", 2, 5, "https://b.example.com/y", false);
        let manifest = manifest(&[
            ("prod_a", vec![evil.clone(), evil]),
            ("prod_b", vec![own, other]),
            ("prod_c", vec![stored]),
        ]);
        let ids = |sources: &[BundleArtifact]| {
            sources.iter().map(|source| source.artifact_id.to_string()).collect::<Vec<_>>()
        };
        let sources = manifest.artifact_sources();
        let sources: Vec<_> = sources.iter().map(|artifact| ids(&artifact.sources)).collect();
        assert_eq!(sources, [vec!["art_stored", "art_evil", "art_own"], vec!["art_other"]]);
        assert_eq!(ids(&manifest.distinct_artifacts()), ["art_stored", "art_other"]);
    }

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
