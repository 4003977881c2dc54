//! The one place where key text is made, and what each access pattern costs.
//!
//! | pattern | request | reads |
//! |---|---|---|
//! | product, tenant, artifact, upload by id; token by digest; release by product, channel and version | `GetItem` | 1 row |
//! | product by slug, release by id, token by id | 2 x `GetItem` | pointer, row |
//! | head of a channel | `GetItem` | 1 row |
//! | releases of a channel, newest first; latest | `Query` on the table, descending | the page |
//! | releases of a product over all channels, newest first | `Query` on `GSI2`, descending | the page |
//! | all products, tenants, artifacts, releases, tokens, newest first | `Query` on `GSI1`, descending | the page |
//! | artifacts with a digest | `Query` on `GSI2` | the page |
//! | an artifact and the releases it is live in | `Query` on the table | a row each |
//! | all signing keys | `Query` on the table | a row each |
//! | what up to 49 decisions need | `BatchGetItem`, eventually consistent | product, head; tenant |
//! | the newest live release of every product and channel | `Query` on the table | a row each, 1 MB a request |
//! | the newest live releases of one product, by channel | `Query` on the table | a row each |
//! | older live releases of the channels that a snapshot covers | `BatchGetItem` | a head each, up to 100 a request |
//! | snapshot, mirror, stream by key; snapshot configuration | `GetItem` | 1 row |
//! | the streams of a tenant | `Query` on the table | a row each, 16 at most |
//! | all snapshots, those before a time, all mirrors, newest first | `Query` on `GSI1`, descending | the page |
//! | the snapshots of a tenant, newest first | `Query` on `GSI2`, descending | the page |
//! | whether snapshots or cleanups are due | `BatchGetItem` | configuration, last time |

use jiff::Timestamp;
use slipway_domain::{
    ArtifactId, Channel, EventId, GenerationId, MirrorId, ProductId, ReleaseId, Sha256, SnapshotId,
    TenantId, TokenId, UploadId, Version,
};
use slipway_snapshot::StreamId;

mod entity;

pub use entity::{DECISION_FACTS, Entity, KEY_RING, matches};

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
/// Until when, in milliseconds since 1970, a running request owns an idempotency row.
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
    fn alone(kind: &str, id: impl std::fmt::Display) -> Self {
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
    /// Snapshots.
    Snapshot,
    /// Mirrors.
    Mirror,
}

/// Position of a thing in the list of its kind. Times are written with a fixed width, so that they
/// sort as text.
#[must_use]
pub fn listed(kind: EntityKind, created_at: Timestamp, id: &str) -> (Index, Key) {
    (Index::ByKind, Key::new(all(kind), format!("{}#{id}", time(created_at))))
}

/// A time as the positions in lists have it: what was created before sorts below it.
#[must_use]
pub fn time(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
}

/// The partition of [`Index::ByKind`] with everything of a kind.
#[must_use]
pub fn all(kind: EntityKind) -> String {
    match kind {
        EntityKind::Product => "PRODUCTS",
        EntityKind::Tenant => "TENANTS",
        EntityKind::Artifact => "ARTIFACTS",
        EntityKind::Release => "RELEASES",
        EntityKind::Token => "TOKENS",
        EntityKind::Snapshot => "SNAPSHOTS",
        EntityKind::Mirror => "MIRRORS",
    }
    .to_owned()
}

/// A product. Its heads and releases share its partition.
#[must_use]
pub fn product(id: &ProductId) -> Key {
    Key::new(format!("PRODUCT#{id}"), "PRODUCT")
}

/// Makes a slug unique, and leads to its product.
#[must_use]
pub fn slug(slug: &str) -> Key {
    Key::alone("SLUG", slug)
}

/// The head of a channel.
#[must_use]
pub fn head(product: &ProductId, channel: &Channel) -> Key {
    Key::new(format!("PRODUCT#{product}"), format!("HEAD#{channel}"))
}

/// A release. That a version exists once per product and channel is this key.
#[must_use]
pub fn release(product: &ProductId, channel: &Channel, version: &Version) -> Key {
    Key::new(
        format!("PRODUCT#{product}"),
        format!("{}{}", releases_on(channel), version.sort_key()),
    )
}

/// What the sort keys of all releases on a channel begin with.
#[must_use]
pub fn releases_on(channel: &Channel) -> String {
    // `#` ends the channel: no other channel's name can continue it.
    format!("RELEASE#{channel}#")
}

/// Leads from a release's id to its row.
#[must_use]
pub fn release_pointer(id: &ReleaseId) -> Key {
    Key::alone("RELEASE", id)
}

/// Position of a release among all of its product: by version, then channel.
#[must_use]
pub fn release_of_product(
    product: &ProductId,
    channel: &Channel,
    version: &Version,
) -> (Index, Key) {
    (Index::ByRelation, Key::new(releases_of(product), format!("{}#{channel}", version.sort_key())))
}

/// The partition of [`Index::ByRelation`] with the releases of a product.
#[must_use]
pub fn releases_of(product: &ProductId) -> String {
    format!("RELEASES#{product}")
}

/// An artifact. What it is used in shares its partition.
#[must_use]
pub fn artifact(id: &ArtifactId) -> Key {
    Key::new(format!("ARTIFACT#{id}"), "ARTIFACT")
}

/// Says that an artifact belongs to a live release. Sorts after the artifact itself.
#[must_use]
pub fn artifact_use(id: &ArtifactId, release: &ReleaseId) -> Key {
    Key::new(format!("ARTIFACT#{id}"), format!("USE#{release}"))
}

/// Position of an artifact among all with the same digest.
#[must_use]
pub fn artifact_with(sha256: &Sha256, id: &ArtifactId) -> (Index, Key) {
    (Index::ByRelation, Key::new(artifacts_with(sha256), id.to_string()))
}

/// The partition of [`Index::ByRelation`] with the artifacts of a digest.
#[must_use]
pub fn artifacts_with(sha256: &Sha256) -> String {
    format!("SHA256#{sha256}")
}

/// An upload.
#[must_use]
pub fn upload(id: &UploadId) -> Key {
    Key::alone("UPLOAD", id)
}

/// A tenant.
#[must_use]
pub fn tenant(id: &TenantId) -> Key {
    Key::alone("TENANT", id)
}

/// A token, by the digest of its secret.
#[must_use]
pub fn token(digest: &Sha256) -> Key {
    Key::alone("TOKEN", digest)
}

/// Leads from a token's id to its row.
#[must_use]
pub fn token_pointer(id: &TokenId) -> Key {
    Key::alone("TOKENID", id)
}

/// The answer to a request with an idempotency key. Actors and operations contain no `#`.
#[must_use]
pub fn idempotency(actor: &str, operation: &str, key: &str) -> Key {
    Key::alone("IDEMPOTENCY", format_args!("{actor}#{operation}#{key}"))
}

/// An audit event, in the partition of its day.
#[must_use]
pub fn audit(at: Timestamp, id: &EventId) -> Key {
    Key::new(format!("AUDIT#{}", at.strftime("%Y-%m-%d")), id.as_str())
}

/// What the partition keys of changes begin with.
pub const CHANGES: &str = "OUTBOX#";
/// What the partition keys of work begin with.
pub const WORK: &str = "WORK#";

/// A change that the stream hands on.
#[must_use]
pub fn outbox(id: &EventId) -> Key {
    Key::alone("OUTBOX", id)
}

/// The partition of signing keys.
#[must_use]
pub fn key_ring() -> String {
    "KEYRING".to_owned()
}

/// A signing key.
#[must_use]
pub fn signing_key(kid: &str) -> Key {
    Key::new(key_ring(), format!("KEY#{kid}"))
}

/// The partition of the release index.
#[must_use]
pub fn release_index() -> String {
    "INDEX".to_owned()
}

/// What the sort keys of a product's entries in the release index begin with.
#[must_use]
pub fn index_entries_of(product: &ProductId) -> String {
    format!("{product}#")
}

/// The entry of a channel in the release index.
#[must_use]
pub fn index_entry(product: &ProductId, channel: &Channel) -> Key {
    Key::new(release_index(), format!("{}{channel}", index_entries_of(product)))
}

/// A snapshot.
#[must_use]
pub fn snapshot(id: &SnapshotId) -> Key {
    Key::alone("SNAPSHOT", id)
}

/// Position of a snapshot among all of its tenant, by time.
#[must_use]
pub fn snapshot_of(tenant: &TenantId, created_at: Timestamp, id: &SnapshotId) -> (Index, Key) {
    (Index::ByRelation, Key::new(snapshots_of(tenant), format!("{}#{id}", time(created_at))))
}

/// The partition of [`Index::ByRelation`] with the snapshots of a tenant.
#[must_use]
pub fn snapshots_of(tenant: &TenantId) -> String {
    format!("SNAPSHOTS#{tenant}")
}

/// The partition with the streams of a tenant.
#[must_use]
pub fn streams_of(tenant: &TenantId) -> String {
    format!("STREAMS#{tenant}")
}

/// A stream of snapshots.
#[must_use]
pub fn stream(tenant: &TenantId, stream: &StreamId) -> Key {
    Key::new(streams_of(tenant), stream.as_str())
}

/// Work that the stream hands to a function.
#[must_use]
pub fn work(generation: &GenerationId, tenant: &TenantId) -> Key {
    Key::alone("WORK", format_args!("{generation}#{tenant}"))
}

/// The configuration of snapshots.
#[must_use]
pub fn snapshot_config() -> Key {
    Key::new("SNAPSHOTCONFIG", "SNAPSHOTCONFIG")
}

/// When something that happens by the clock happened last.
#[must_use]
pub fn last_time(what: &str) -> Key {
    Key::alone("LASTTIME", what)
}

/// A mirror.
#[must_use]
pub fn mirror(id: &MirrorId) -> Key {
    Key::alone("MIRROR", id)
}
