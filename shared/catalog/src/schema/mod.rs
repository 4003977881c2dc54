//! The one place where key text is made. Which keys are read for what is in
//! docs/ACCESS-PATTERNS.md, which a test makes of what operations really read.

mod access;
mod adoption;
mod approvals;
mod artifacts;
mod bundles;
mod components;
mod entity;
mod environments;
mod integrations;
mod numbered_lists;
mod operations;
mod outcomes;
mod policies;
mod products;
mod promotions;
mod releases;
mod snapshots;
mod webhooks;

use jiff::Timestamp;

pub use self::access::*;
pub use self::adoption::*;
pub use self::approvals::*;
pub use self::artifacts::*;
pub use self::bundles::*;
pub use self::components::*;
pub use self::entity::{
    ADOPTION, CREDENTIALS, DECISION_FACTS, Entity, KEY_RING, OUTCOMES, REPORTED_RELEASES,
    TRUST_RULES, matches,
};
pub use self::environments::*;
pub use self::integrations::*;
pub use self::numbered_lists::*;
pub use self::operations::*;
pub use self::outcomes::*;
pub use self::policies::*;
pub use self::products::*;
pub use self::promotions::*;
pub use self::releases::*;
pub use self::snapshots::*;
pub use self::webhooks::*;

/// Partition key of the table.
pub const PK: &str = "PK";
/// Sort key of the table.
pub const SK: &str = "SK";
/// The entity as JSON.
pub const DOC: &str = "doc";
/// The version of the entity's form in [`DOC`], a number; 1, where it is absent.
pub const FORM: &str = "v";
/// The row's revision, a number that rises by one.
pub const REV: &str = "rev";
/// When DynamoDB may delete the row, in seconds since 1970.
pub const TTL: &str = "ttl";
/// Until when, in milliseconds since 1970, a request owns an idempotency row that it claimed
/// without a response, as version 0.1.0 did.
pub const LEASE: &str = "lease";

/// Where a row is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// A row that is alone in its partition.
    fn singleton(kind: &str, id: impl std::fmt::Display) -> Self {
        Self::new(format!("{kind}#{id}"), kind)
    }
}

/// An index, with the names of its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// Everything of a kind, by time.
    ByKind,
    /// What belongs together in another way than the table has it.
    ByRelation,
}

impl Index {
    /// Both indexes.
    pub const ALL: [Self; 2] = [Self::ByKind, Self::ByRelation];

    /// The index's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByKind => "GSI1",
            Self::ByRelation => "GSI2",
        }
    }

    /// Names of its partition key and sort key.
    #[must_use]
    pub const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::ByKind => ("GSI1PK", "GSI1SK"),
            Self::ByRelation => ("GSI2PK", "GSI2SK"),
        }
    }
}

/// A kind of thing that can be listed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityKind {
    /// Products.
    Product,
    /// Tenants.
    Tenant,
    /// Artifacts.
    Artifact,
    /// Releases.
    Release,
    /// Tokens.
    Token,
    /// Trust rules.
    TrustRule,
    /// Snapshots.
    Snapshot,
    /// Mirrors.
    Mirror,
    /// Approvals.
    Approval,
    /// Uploads that are being verified, by the time of their last progress.
    VerifyingUpload,
}

/// Position of a thing in the list of its kind. Times are written with a fixed width, so that they
/// sort as text.
#[must_use]
pub fn by_kind(kind: EntityKind, created_at: Timestamp, id: &str) -> (Index, Key) {
    (Index::ByKind, Key::new(kind_partition(kind), format!("{}#{id}", time(created_at))))
}

/// A time as the positions in lists have it: what was created before sorts below it.
#[must_use]
pub fn time(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
}

/// The partition of [`Index::ByKind`] with everything of a kind.
#[must_use]
pub fn kind_partition(kind: EntityKind) -> String {
    match kind {
        EntityKind::Product => "PRODUCTS",
        EntityKind::Tenant => "TENANTS",
        EntityKind::Artifact => "ARTIFACTS",
        EntityKind::Release => "RELEASES",
        EntityKind::Token => "TOKENS",
        EntityKind::TrustRule => "TRUSTRULES",
        EntityKind::Snapshot => "SNAPSHOTS",
        EntityKind::Mirror => "MIRRORS",
        EntityKind::Approval => "APPROVALS",
        EntityKind::VerifyingUpload => "VERIFYINGUPLOADS",
    }
    .to_owned()
}
