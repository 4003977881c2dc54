//! Scopes: the permissions of a credential.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A permission. Each operation requires at most one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Scope {
    /// All that is done to releases: the five scopes that begin with `releases:` and write.
    #[serde(rename = "ci:write")]
    CiWrite,
    /// Create drafts, correct and delete them.
    #[serde(rename = "releases:draft")]
    ReleasesDraft,
    /// Publish releases, and correct published ones.
    #[serde(rename = "releases:publish")]
    ReleasesPublish,
    /// Publish a release's version on another channel.
    #[serde(rename = "releases:promote")]
    ReleasesPromote,
    /// Change, pause and resume rollouts.
    #[serde(rename = "releases:rollout")]
    ReleasesRollout,
    /// Revoke releases.
    #[serde(rename = "releases:revoke")]
    ReleasesRevoke,
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
    /// Read release bundles, their components, version maps, environments and integrations.
    #[serde(rename = "bundles:read")]
    BundlesRead,
    /// Change release bundles, their components and version maps.
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
    pub const ALL: [Self; 15] = [
        Self::CiWrite,
        Self::ReleasesDraft,
        Self::ReleasesPublish,
        Self::ReleasesPromote,
        Self::ReleasesRollout,
        Self::ReleasesRevoke,
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
            Self::ReleasesDraft => "releases:draft",
            Self::ReleasesPublish => "releases:publish",
            Self::ReleasesPromote => "releases:promote",
            Self::ReleasesRollout => "releases:rollout",
            Self::ReleasesRevoke => "releases:revoke",
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

    /// Whether the scope is one of those that `ci:write` is the sum of.
    #[must_use]
    pub const fn is_part_of_ci_write(self) -> bool {
        matches!(
            self,
            Self::ReleasesDraft
                | Self::ReleasesPublish
                | Self::ReleasesPromote
                | Self::ReleasesRollout
                | Self::ReleasesRevoke
        )
    }

    /// Whether a credential with this scope may do what `other` permits: it is the same scope, or
    /// `ci:write`, which includes its parts.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        self == other || (self == Self::CiWrite && other.is_part_of_ci_write())
    }

    /// Whether the scope is for those who make releases, so that a token of a customer, which is
    /// bound to a tenant, can't have it.
    #[must_use]
    pub const fn is_for_vendors(self) -> bool {
        matches!(self, Self::CiWrite | Self::ArtifactsWrite) || self.is_part_of_ci_write()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ci_write_is_the_sum_of_its_parts_and_no_part_is_another_one() {
        for scope in Scope::ALL {
            for other in Scope::ALL {
                let is_part = scope == Scope::CiWrite && other.is_part_of_ci_write();
                assert_eq!(scope.includes(other), scope == other || is_part, "{scope} {other}");
            }
        }
        assert!(Scope::ALL.into_iter().filter(|scope| scope.is_part_of_ci_write()).count() == 5);
        assert!(!Scope::CiWrite.includes(Scope::ArtifactsWrite));
        assert!(!Scope::CiWrite.includes(Scope::ReleasesRead));
    }
}
