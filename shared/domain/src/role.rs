//! Roles: the sets of scopes that an issuer's roles stand for.

use std::collections::BTreeSet;

use crate::Scope;

/// A role of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    PlatformAdmin,
    /// Reads everything, and changes nothing.
    PlatformSupport,
    /// Uploads, publishes and generates snapshots.
    ReleasePublisher,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::PlatformAdmin, Self::PlatformSupport, Self::ReleasePublisher];

    /// The role as tokens name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlatformAdmin => "platform_admin",
            Self::PlatformSupport => "platform_support",
            Self::ReleasePublisher => "release_publisher",
        }
    }

    /// What the role permits.
    #[must_use]
    pub fn scopes(self) -> BTreeSet<Scope> {
        match self {
            Self::PlatformAdmin => Scope::ALL.into(),
            Self::PlatformSupport => {
                Scope::ALL.into_iter().filter(|scope| scope.as_str().ends_with(":read")).collect()
            }
            Self::ReleasePublisher => BTreeSet::from([
                Scope::CiWrite,
                Scope::ArtifactsWrite,
                Scope::ReleasesRead,
                Scope::SnapshotsWrite,
                Scope::MirrorsRead,
                Scope::BundlesRead,
                Scope::BundlesWrite,
            ]),
        }
    }

    /// What `names` permit together. Names of no role permit nothing.
    #[must_use]
    pub fn scopes_of<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<Scope> {
        let known = |name: &str| Self::ALL.into_iter().find(|role| role.as_str() == name);
        names.into_iter().filter_map(known).flat_map(Self::scopes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_add_up_and_other_names_are_nothing() {
        assert!(Role::scopes_of(["admin", "PLATFORM_ADMIN", ""]).is_empty());
        let support = Role::scopes_of(["platform_support"]);
        assert!(support.contains(&Scope::AuditRead) && !support.contains(&Scope::AdminWrite));
        let both = Role::scopes_of(["platform_support", "release_publisher", "else"]);
        assert!(both.contains(&Scope::CiWrite) && both.contains(&Scope::AdminRead));
        assert!(!both.contains(&Scope::AdminWrite));
        assert_eq!(Role::scopes_of(["platform_admin"]).len(), Scope::ALL.len());
    }
}
