//! What a handler may touch, composed of parts: `Capabilities<Writer, UploadVerifier>`. The
//! compiler holds the handler to its parts, and each part names the [`Grant`]s from which the
//! function's IAM policy is made.

use std::marker::PhantomData;
use std::sync::Arc;

use slipway_aws::Meter;
use slipway_domain::key::KeyRing;
use slipway_domain::{Principal, Result, Timestamp};

use crate::services::Services;

pub use crate::job_invoker::JobInvoker;
pub use crate::permissions::{Grant, PartGrants};
pub use crate::registries::{IntegrationRules, Registries};
pub use crate::signers::{BundleSigner, DecisionSigner, SnapshotSigner};
pub use crate::webhook_seals::{WebhookOpener, WebhookSealer};
pub use slipway_catalog::schema::Entity;
pub use slipway_catalog::{
    AdoptionRecorder, DecisionExplainer, DecisionReader, DecisionSimulator, OutcomeRecorder,
    Reader, TokenExchanger, Writer,
};
pub use slipway_storage::{
    ArtifactReader, SnapshotDeleter, SnapshotReader, SnapshotWriter, UploadStore, UploadSweeper,
    UploadVerifier,
};

/// A part of what a handler may touch, taken from the services of the function instance for the
/// time of one request.
pub trait FromServices: Send + Sync + 'static {
    /// What IAM has to allow for it.
    const GRANTS: &'static [Grant];

    /// The part, which works on behalf of `principal`, and whose AWS calls are counted by `meter`.
    fn from_services(services: &Arc<Services>, principal: &Arc<Principal>, meter: &Meter) -> Self;
}

/// The parts that a handler may touch: its access to the catalog, to the bucket, to a signing key
/// or another secret, and to a job that it starts. `()` is none.
#[derive(Debug)]
pub struct Capabilities<Catalog = (), Storage = (), Signer = (), Invoker = ()> {
    catalog: PhantomData<fn() -> Catalog>,
    storage: PhantomData<fn() -> Storage>,
    signer: PhantomData<fn() -> Signer>,
    invoker: PhantomData<fn() -> Invoker>,
}

/// Some [`Capabilities`], whatever their parts.
pub trait CapabilitySet: Send + Sync + 'static {
    /// Access to the catalog.
    type Catalog: FromServices;
    /// Access to the bucket.
    type Storage: FromServices;
    /// Access to a signing key, or to another secret: those of integrations or webhooks.
    type Signer: FromServices;
    /// Access to a job.
    type Invoker: FromServices;
    /// What IAM has to allow for the parts, one list for each.
    const GRANTS: PartGrants<'static> =
        [Self::Catalog::GRANTS, Self::Storage::GRANTS, Self::Signer::GRANTS, Self::Invoker::GRANTS];
}

impl<Catalog, Storage, Signer, Invoker> CapabilitySet
    for Capabilities<Catalog, Storage, Signer, Invoker>
where
    Catalog: FromServices,
    Storage: FromServices,
    Signer: FromServices,
    Invoker: FromServices,
{
    type Catalog = Catalog;
    type Storage = Storage;
    type Signer = Signer;
    type Invoker = Invoker;
}

impl FromServices for () {
    const GRANTS: &'static [Grant] = &[];

    fn from_services(_: &Arc<Services>, _: &Arc<Principal>, _: &Meter) {}
}

/// Reads the signing keys and nothing else of the catalog.
#[derive(Debug)]
pub struct KeyRingReader(Reader);

impl KeyRingReader {
    /// Returns every signing key, revoked and expired ones included.
    ///
    /// # Errors
    /// `unavailable` or `internal`, as DynamoDB answers.
    pub async fn get_key_ring(&self) -> Result<KeyRing> {
        self.0.get_key_ring().await
    }

    /// Makes sure that the catalog answers, and that decisions can be signed at `now`.
    ///
    /// # Errors
    /// `unavailable` if not.
    pub async fn check_health(&self, now: Timestamp) -> Result<()> {
        self.0.check_health(now).await
    }
}

impl FromServices for KeyRingReader {
    const GRANTS: &'static [Grant] = &[Grant::ReadKeyRing];

    fn from_services(services: &Arc<Services>, principal: &Arc<Principal>, meter: &Meter) -> Self {
        Self(Reader::from_services(services, principal, meter))
    }
}

impl FromServices for DecisionReader {
    const GRANTS: &'static [Grant] = &[Grant::ReadDecisionFacts];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        let Services { table, decisions, adoption, .. } = &**services;
        Self::new(table.metered(meter), decisions.clone(), adoption.clone())
    }
}

impl FromServices for DecisionExplainer {
    const GRANTS: &'static [Grant] = &[Grant::ReadDecisionFacts];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter))
    }
}

impl FromServices for AdoptionRecorder {
    const GRANTS: &'static [Grant] = &[Grant::ReadAdoption, Grant::WriteCatalog];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter), services.adoption.clone())
    }
}

impl FromServices for OutcomeRecorder {
    const GRANTS: &'static [Grant] = &[Grant::ReadReportedReleases, Grant::WriteCatalog];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter), services.outcomes_per_hour)
    }
}

impl FromServices for TokenExchanger {
    const GRANTS: &'static [Grant] = &[Grant::ReadTrustRules, Grant::WriteCatalog];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self::new(services.table.metered(meter))
    }
}

/// Parts that are made of the table and a principal.
macro_rules! catalog_parts {
    ($($part:ty: $grants:expr;)+) => {$(
        impl FromServices for $part {
            const GRANTS: &'static [Grant] = &$grants;

            fn from_services(
                services: &Arc<Services>,
                principal: &Arc<Principal>,
                meter: &Meter,
            ) -> Self {
                Self::new(services.table.metered(meter), Arc::clone(principal))
            }
        }
    )+};
}

catalog_parts! {
    Reader: [Grant::ReadCatalog];
    DecisionSimulator: [Grant::ReadCatalog];
    Writer: [Grant::ReadCatalog, Grant::WriteCatalog];
}

/// Parts that are made of the bucket alone.
macro_rules! storage_parts {
    ($($part:ty: $grants:expr;)+) => {$(
        impl FromServices for $part {
            const GRANTS: &'static [Grant] = &$grants;

            fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
                Self::new(services.bucket.metered(meter))
            }
        }
    )+};
}

storage_parts! {
    ArtifactReader: [Grant::ServeArtifacts];
    UploadStore: [Grant::ReceiveUploads];
    UploadVerifier: [Grant::ReceiveUploads, Grant::VerifyUploads];
    UploadSweeper: [Grant::SweepUploads];
    SnapshotWriter: [Grant::WriteSnapshots];
    SnapshotReader: [Grant::ReadSnapshots];
    SnapshotDeleter: [Grant::DeleteSnapshots];
}
