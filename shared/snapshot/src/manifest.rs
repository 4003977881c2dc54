//! What a snapshot says.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::channels::StreamId;
use slipway_domain::platform::{Arch, InstallerType, Platform};
use slipway_domain::release::Metadata;
use slipway_domain::{
    ArtifactId, Channel, ProductId, ReleaseId, Sha256, SnapshotId, TenantId, Version,
};

/// A snapshot's manifest, without its signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Its id.
    pub snapshot_id: SnapshotId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// When it was made.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Until when a mirror may accept it.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub expires_at: Timestamp,
    /// The stream that it belongs to: `sequence` rises within it.
    pub stream: StreamId,
    /// The channels that it covers.
    pub channels: BTreeSet<Channel>,
    /// Rises by one with each snapshot of its stream, from 1: what has the higher one is newer.
    pub sequence: u64,
    /// The snapshot of its stream that came before.
    pub previous_snapshot_id: Option<SnapshotId>,
    /// SHA-256 of the canonical form (RFC 8785) of `releases`: where it is equal, nothing has
    /// changed.
    pub content_digest: Sha256,
    /// The live releases, by product, channel and falling version.
    pub releases: Vec<SnapshotRelease>,
}

/// A release in a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotRelease {
    /// Its id.
    pub release_id: ReleaseId,
    /// The product.
    pub product_id: ProductId,
    /// The version.
    pub version: Version,
    /// The channel.
    pub channel: Channel,
    /// When it was published.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub published_at: Option<Timestamp>,
    /// What its vendor says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// What it consists of.
    pub artifacts: Vec<SnapshotArtifact>,
}

/// An artifact of a release in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SnapshotArtifact {
    /// The artifact.
    pub artifact_id: ArtifactId,
    /// The system it runs on.
    pub platform: Platform,
    /// The processor it runs on.
    pub arch: Arch,
    /// The form of the installer.
    pub installer_type: InstallerType,
    /// Whether installing needs an administrator.
    pub requires_admin: bool,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Its length.
    pub size_bytes: u64,
    /// Where its vendor serves it.
    pub download_url: String,
}
