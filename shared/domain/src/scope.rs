//! Scopes: the permissions of a credential.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A permission. Each operation requires at most one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Scope {
    /// Publish, roll out, revoke and promote releases.
    #[serde(rename = "ci:write")]
    CiWrite,
    /// Read products, releases and artifacts.
    #[serde(rename = "releases:read")]
    ReleasesRead,
    /// Register and upload artifacts.
    #[serde(rename = "artifacts:write")]
    ArtifactsWrite,
    /// Generate snapshots.
    #[serde(rename = "snapshots:write")]
    SnapshotsWrite,
    /// Read snapshots and send a mirror's reports.
    #[serde(rename = "mirrors:read")]
    MirrorsRead,
    /// Read components, version maps and release bundles.
    #[serde(rename = "bundles:read")]
    BundlesRead,
    /// Change components, version maps and release bundles.
    #[serde(rename = "bundles:write")]
    BundlesWrite,
    /// Read tenants, tokens and policies.
    #[serde(rename = "admin:read")]
    AdminRead,
    /// Change products, tenants, tokens and policies.
    #[serde(rename = "admin:write")]
    AdminWrite,
    /// Read the audit log.
    #[serde(rename = "audit:read")]
    AuditRead,
}

impl Scope {
    /// All scopes, which the role `platform_admin` has.
    pub const ALL: [Self; 10] = [
        Self::CiWrite,
        Self::ReleasesRead,
        Self::ArtifactsWrite,
        Self::SnapshotsWrite,
        Self::MirrorsRead,
        Self::BundlesRead,
        Self::BundlesWrite,
        Self::AdminRead,
        Self::AdminWrite,
        Self::AuditRead,
    ];

    /// The scope as it appears in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CiWrite => "ci:write",
            Self::ReleasesRead => "releases:read",
            Self::ArtifactsWrite => "artifacts:write",
            Self::SnapshotsWrite => "snapshots:write",
            Self::MirrorsRead => "mirrors:read",
            Self::BundlesRead => "bundles:read",
            Self::BundlesWrite => "bundles:write",
            Self::AdminRead => "admin:read",
            Self::AdminWrite => "admin:write",
            Self::AuditRead => "audit:read",
        }
    }

    /// Whether the scope is for those who make releases, so that a token of a customer, which is
    /// bound to a tenant, can't have it.
    #[must_use]
    pub const fn is_for_vendors(self) -> bool {
        matches!(self, Self::CiWrite | Self::ArtifactsWrite)
    }

    /// Whether the scope applies to the whole deployment, so that a token bound to products,
    /// channels or a tenant can't have it.
    #[must_use]
    pub const fn is_deployment_wide(self) -> bool {
        matches!(self, Self::AdminRead | Self::AdminWrite | Self::AuditRead)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
