//! What a handler may touch, as a type: the compiler holds the handler to it, and its IAM policy is derived from it.

use slipway_aws::Meter;
use slipway_catalog::{DecisionReader, Reader, Writer};
use slipway_storage::{Delivery, Intake, SnapshotArchive, SnapshotDelivery, SnapshotDisposal, Verification};

use crate::services::Services;

/// What a handler may touch.
pub trait Power: Send + Sync + 'static {
    /// Its way to the catalog.
    type Catalog: Hold;
    /// Its way to the artifacts.
    type Storage: Hold;
    /// What IAM has to allow for that.
    const GRANTS: &'static [Grant];
}

/// A set of IAM actions on the resources of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// Read rows: `dynamodb:GetItem`, `BatchGetItem`, `Query`, on the table and its indexes.
    ReadCatalog,
    /// Change rows: `dynamodb:PutItem`, `UpdateItem`, `DeleteItem`, `ConditionCheckItem`, on the table.
    WriteCatalog,
    /// Take in uploads: `s3:PutObject`, `DeleteObject`, `AbortMultipartUpload`, `ListMultipartUploadParts`, on `incoming/`.
    ReceiveUploads,
    /// Verify and keep uploads: `s3:GetObject` on `incoming/`, `s3:PutObject` on `artifacts/`.
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
    /// Sign snapshots: `kms:Sign` with the keys that are tagged for it, or `kms:Decrypt` of theirs with the envelope key.
    SignSnapshots,
}

/// Something that a handler holds for the time of one request.
pub trait Hold: Send + Sync + 'static {
    /// Takes it from what the function instance has, counted by `meter`.
    fn hold(services: &Services, meter: &Meter) -> Self;
}

impl Hold for () {
    fn hold(_: &Services, _: &Meter) {}
}

impl Hold for Reader {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter))
    }
}

impl Hold for Writer {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter))
    }
}

impl Hold for DecisionReader {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter), services.decisions.clone())
    }
}

impl Hold for Delivery {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl Hold for Intake {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl Hold for Verification {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl Hold for SnapshotArchive {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl Hold for SnapshotDelivery {
    fn hold(services: &Services, meter: &Meter) -> Self {
        Self::new(services.bucket.metered(meter))
    }
}

impl Hold for SnapshotDisposal {
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

impl Power for Generate {
    type Catalog = Writer;
    type Storage = SnapshotArchive;
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::WriteCatalog, Grant::WriteSnapshots, Grant::SignSnapshots];
}

impl Power for DeliverSnapshots {
    type Catalog = Reader;
    type Storage = SnapshotDelivery;
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::ReadSnapshots];
}

impl Power for CleanUp {
    type Catalog = Writer;
    type Storage = SnapshotDisposal;
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::WriteCatalog, Grant::DeleteSnapshots];
}

impl Power for Nothing {
    type Catalog = ();
    type Storage = ();
    const GRANTS: &'static [Grant] = &[];
}

impl Power for ReadOnly {
    type Catalog = Reader;
    type Storage = ();
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog];
}

impl Power for ReadWrite {
    type Catalog = Writer;
    type Storage = ();
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::WriteCatalog];
}

impl Power for Decide {
    type Catalog = DecisionReader;
    type Storage = ();
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::OpenDecisionKey];
}

impl Power for Deliver {
    type Catalog = Reader;
    type Storage = Delivery;
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::ServeArtifacts];
}

impl Power for Receive {
    type Catalog = Writer;
    type Storage = Intake;
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::WriteCatalog, Grant::ReceiveUploads];
}

impl Power for Verify {
    type Catalog = Writer;
    type Storage = Verification;
    const GRANTS: &'static [Grant] = &[Grant::ReadCatalog, Grant::WriteCatalog, Grant::ReceiveUploads, Grant::VerifyUploads];
}
