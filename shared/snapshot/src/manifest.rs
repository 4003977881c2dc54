//! Manifests: the signed contents of a snapshot.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::channels::StreamId;
use slipway_domain::platform::{Arch, InstallerType, Platform};
use slipway_domain::{
    ArtifactId, Channel, Metadata, ProductId, ReleaseId, Sha256, SnapshotId, TenantId, Version,
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
    /// Artifacts of the release.
    pub artifacts: Vec<SnapshotArtifact>,
}

/// An artifact of a release in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotArtifact {
    /// Id of the artifact.
    pub artifact_id: ArtifactId,
    /// Operating system it runs on.
    pub platform: Platform,
    /// Processor architecture it runs on.
    pub arch: Arch,
    /// Type of the installer.
    pub installer_type: InstallerType,
    /// Whether installation requires administrator rights.
    pub requires_admin: bool,
    /// SHA-256 digest of the bytes.
    pub sha256: Sha256,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Whether Slipway stores these bytes and has verified size and digest; absent, which is false, for
    /// an `EXTERNAL` artifact, whose size, digest and URL are what its vendor says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// Download URL.
    pub download_url: String,
}
