//! Manifests: the signed contents of a snapshot.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::channels::StreamId;
use slipway_domain::decision::ArtifactFacts;
use slipway_domain::rollout::Rollout;
use slipway_domain::{
    Channel, Metadata, ProductId, ReleaseId, Sha256, SnapshotId, TenantId, Version,
};

/// A snapshot's manifest, without its signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Id of the snapshot.
    pub snapshot_id: SnapshotId,
    /// Id of the tenant.
    pub tenant_id: TenantId,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Time of expiry, RFC 3339, UTC. Mirrors reject the snapshot after it.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub expires_at: Timestamp,
    /// Id of the snapshot's stream.
    pub stream: StreamId,
    /// Channels that the snapshot covers.
    pub channels: BTreeSet<Channel>,
    /// Sequence number within the stream, from 1, incremented with each snapshot.
    pub sequence: u64,
    /// Id of the previous snapshot of the stream; null for the first one.
    pub previous_snapshot_id: Option<SnapshotId>,
    /// SHA-256 digest of `releases` in canonical form (RFC 8785). Equal digests mean equal
    /// contents.
    pub content_digest: Sha256,
    /// Live releases, by product, channel and descending version.
    pub releases: Vec<SnapshotRelease>,
}

/// A release in a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotRelease {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Id of the product.
    pub product_id: ProductId,
    /// SemVer version.
    pub version: Version,
    /// Channel that the release is on.
    pub channel: Channel,
    /// Time of publication, RFC 3339, UTC.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub published_at: Option<Timestamp>,
    /// Metadata that the vendor attached; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Staged rollout of the release; absent if all clients are offered it.
    #[serde(default, skip_serializing_if = "SnapshotRollout::includes_all")]
    pub rollout: SnapshotRollout,
    /// Whether it is a stepping stone: clients below it are offered it before anything newer.
    /// Absent, which is false, if it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The lowest version that a client must have installed to be offered the release; absent if
    /// any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_current_version: Option<Version>,
    /// Channels whose clients are offered the release as well, because they follow its channel;
    /// absent if there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub followed_by: BTreeSet<Channel>,
    /// Artifacts of the release.
    pub artifacts: Vec<SnapshotArtifact>,
}

/// The staged rollout of a release in a snapshot. Members that a later version adds are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotRollout {
    /// Share of clients in basis points, hundredths of a percent: 0 to 10000, which is all clients.
    #[schemars(range(max = 10_000))]
    pub basis_points: u16,
    /// Whether the rollout is paused, so that no client is offered the release; absent, which is
    /// false, if it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
}

impl SnapshotRollout {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    fn includes_all(&self) -> bool {
        Rollout::from(*self).includes_all()
    }
}

impl Default for SnapshotRollout {
    /// All clients: what snapshots of before rollouts mean.
    fn default() -> Self {
        Rollout::default().into()
    }
}

impl From<Rollout> for SnapshotRollout {
    fn from(rollout: Rollout) -> Self {
        Self { basis_points: rollout.basis_points, paused: rollout.paused }
    }
}

impl From<SnapshotRollout> for Rollout {
    fn from(rollout: SnapshotRollout) -> Self {
        Self { basis_points: rollout.basis_points, paused: rollout.paused }
    }
}

/// An artifact of a release in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotArtifact {
    /// Description of the artifact.
    #[serde(flatten)]
    pub facts: ArtifactFacts,
    /// Whether Slipway stores these bytes and has verified size and digest; absent, which is false, for
    /// an `EXTERNAL` artifact, whose size, digest and URL are what its vendor says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// Download URL.
    pub download_url: String,
}

impl SnapshotArtifact {
    /// Whether the bytes are at an address of the vendor's choice, not in Slipway's storage.
    #[must_use]
    pub fn is_external(&self) -> bool {
        !self.download_url.ends_with(&self.facts.artifact_id.download_url(""))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_domain::platform::{Arch, InstallerType, Platform};

    use super::*;

    #[test]
    fn a_release_for_all_clients_is_written_as_before_there_were_rollouts_and_upgrade_paths() {
        let old = json!({
            "release_id": "rel_1", "product_id": "prod_app", "version": "1.0.0", "channel": "stable",
            "published_at": null, "artifacts": [],
        });
        let mut release: SnapshotRelease = serde_json::from_value(old.clone()).unwrap();
        assert_eq!(Rollout::from(release.rollout), Rollout::default());
        assert_eq!((release.required, &release.min_current_version), (false, &None));
        assert_eq!(json!(release), old);
        for (rollout, expected) in [
            (Rollout { basis_points: 500, paused: false }, json!({ "basis_points": 500 })),
            (
                Rollout { basis_points: 10_000, paused: true },
                json!({ "basis_points": 10_000, "paused": true }),
            ),
        ] {
            release.rollout = rollout.into();
            assert_eq!(json!(release)["rollout"], expected);
            let mut read = json!(release);
            read["rollout"]["steps"] = json!([]);
            assert_eq!(serde_json::from_value::<SnapshotRelease>(read).unwrap(), release);
        }
        release.required = true;
        release.min_current_version = Some("0.9.0".parse().unwrap());
        let written = json!(release);
        assert_eq!(
            (&written["required"], &written["min_current_version"]),
            (&json!(true), &json!("0.9.0"))
        );
        assert_eq!(serde_json::from_value::<SnapshotRelease>(written).unwrap(), release);
    }

    #[test]
    fn what_slipway_stores_is_at_its_own_download_endpoint() {
        let at = |url: &str| SnapshotArtifact {
            facts: ArtifactFacts {
                artifact_id: "art_1".parse().unwrap(),
                platform: Platform::Linux,
                arch: Arch::X86_64,
                installer_type: InstallerType::Zip,
                requires_admin: false,
                sha256: Sha256::of(b""),
                size_bytes: 1,
            },
            verified: true,
            download_url: url.to_owned(),
        };
        assert!(!at("https://api.example.com/v1/artifacts/art_1/download").is_external());
        assert!(at("https://api.example.com/v1/artifacts/art_2/download").is_external());
        assert!(at("https://cdn.example.com/app.zip").is_external());
    }
}
