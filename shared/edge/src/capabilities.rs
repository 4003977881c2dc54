//! What a handler may touch, as a type: the compiler holds the handler to it, and its IAM policy is
//! derived from it.

use slipway_aws::Meter;
use slipway_catalog::{DecisionReader, Reader, Writer};
use slipway_storage::{
    ArtifactReader, SnapshotDeleter, SnapshotReader, SnapshotWriter, UploadStore, UploadVerifier,
};

use crate::services::Services;

/// What a handler may touch.
pub trait Capabilities: Send + Sync + 'static {
    /// Its way to the catalog.
    type Catalog: FromServices;
    /// Its way to the artifacts.
    type Storage: FromServices;
    /// What IAM has to allow for that.
    const GRANTS: &'static [Grant];
}

/// A set of IAM actions on the resources of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// Read rows: `dynamodb:GetItem`, `BatchGetItem`, `Query`, on the table and its indexes.
    ReadCatalog,
    /// Change rows: `dynamodb:PutItem`, `UpdateItem`, `DeleteItem`, `ConditionCheckItem`, on the
    /// table.
    WriteCatalog,
    /// Take in uploads: `s3:PutObject`, `DeleteObject`, `AbortMultipartUpload`,
    /// `ListMultipartUploadParts`, on `routed/`.
    ReceiveUploads,
    /// Verify and keep uploads: `s3:GetObject` on `routed/`, `s3:PutObject` on `artifacts/`.
    VerifyUploads,
    /// Hand out verified bytes: `s3:GetObject` on `artifacts/`.
    ServeArtifacts,
    /// Open the decision key: `kms:Decrypt` with the envelope key.
    OpenDecisionKey,
    /// Store snapshots: `s3:PutObject` on `snapshots/`.
    WriteSnapshots,
    /// Hand out snapshots: `s3:GetObject` on `snapshots/`.
    ReadSnapshots,
    /// Delete snapshots: `s3:DeleteObject` on `snapshots/`, and `s3:ListBucket` there.
    DeleteSnapshots,
    /// Sign snapshots: `kms:Sign` with the keys that are tagged for it, or `kms:Decrypt` of theirs
    /// with the envelope key.
    SignSnapshots,
}

/// Something that a handler holds for the time of one request.
pub trait FromServices: Send + Sync + 'static {
    /// Takes it from what the function instance has, counted by `meter`.
    fn hold(services: &Services, meter: &Meter) -> Self;
}

impl FromServices for () {
    fn hold(_: &Services, _: &Meter) {}
}

impl FromServices for Reader {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter))
    }
}

impl FromServices for Writer {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter))
    }
}

impl FromServices for DecisionReader {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter), services.decisions.clone())
    }
}

impl FromServices for ArtifactReader {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl FromServices for UploadStore {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl FromServices for UploadVerifier {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl FromServices for SnapshotWriter {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl FromServices for SnapshotReader {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl FromServices for SnapshotDeleter {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

/// Nothing at all.
#[derive(Debug)]
pub struct Nothing;

/// Reads the catalog.
#[derive(Debug)]
pub struct ReadOnly;

/// Reads and changes the catalog.
#[derive(Debug)]
pub struct ReadWrite;

/// Decides: reads what decisions need and signs them.
#[derive(Debug)]
pub struct Decide;

/// Hands out verified bytes.
#[derive(Debug)]
pub struct Deliver;

/// Takes in uploads.
#[derive(Debug)]
pub struct Receive;

/// Verifies and keeps uploads.
#[derive(Debug)]
pub struct Verify;

/// Makes, signs and stores snapshots.
#[derive(Debug)]
pub struct Generate;

/// Hands out snapshots.
#[derive(Debug)]
pub struct DeliverSnapshots;

/// Deletes snapshots whose time is over.
#[derive(Debug)]
pub struct CleanUp;

impl Capabilities for Generate {
    type Catalog = Writer;
    type Storage = SnapshotWriter;
    const GRANTS: &'static [Grant] =
        &[Grant::ReadCatalog, Grant::WriteCatalog, Grant::WriteSnapshots, Grant::SignSnapshots];
}

impl Capabilities for DeliverSnapshots {
    type Catalog = Reader;
    type Storage = SnapshotReader;
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::ReadSnapshots];
}

impl Capabilities for CleanUp {
    type Catalog = Writer;
    type Storage = SnapshotDeleter;
    const GRANTS: &'static [Grant] =
        &[Grant::ReadCatalog, Grant::WriteCatalog, Grant::DeleteSnapshots];
}

impl Capabilities for Nothing {
    type Catalog = ();
    type Storage = ();
    const GRANTS: &'static [Grant] = &[];
}

impl Capabilities for ReadOnly {
    type Catalog = Reader;
    type Storage = ();
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog];
}

impl Capabilities for ReadWrite {
    type Catalog = Writer;
    type Storage = ();
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::WriteCatalog];
}

impl Capabilities for Decide {
    type Catalog = DecisionReader;
    type Storage = ();
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::OpenDecisionKey];
}

impl Capabilities for Deliver {
    type Catalog = Reader;
    type Storage = ArtifactReader;
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::ServeArtifacts];
}

impl Capabilities for Receive {
    type Catalog = Writer;
    type Storage = UploadStore;
    const GRANTS: &'static [Grant] =
        &[Grant::ReadCatalog, Grant::WriteCatalog, Grant::ReceiveUploads];
}

impl Capabilities for Verify {
    type Catalog = Writer;
    type Storage = UploadVerifier;
    const GRANTS: &'static [Grant] =
        &[Grant::ReadCatalog, Grant::WriteCatalog, Grant::ReceiveUploads, Grant::VerifyUploads];
}
