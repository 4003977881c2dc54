//! Access to signing keys: one part for each kind of document that a deployment signs.

use std::sync::Arc;

use serde::Serialize;
use slipway_aws::Meter;
use slipway_domain::key::KeyRing;
use slipway_domain::{Principal, Result, Timestamp};
use slipway_signing::{Context, Signed};

use crate::capabilities::{FromServices, Grant};
use crate::services::Services;

/// Signs decisions.
#[derive(Debug)]
pub struct DecisionSigner(ContextSigner);

/// Signs snapshots.
#[derive(Debug)]
pub struct SnapshotSigner(ContextSigner);

/// Signs the manifests of release bundles.
#[derive(Debug)]
pub struct BundleSigner(ContextSigner);

#[derive(Debug)]
struct ContextSigner {
    services: Arc<Services>,
    meter: Meter,
}

impl ContextSigner {
    fn new(services: &Arc<Services>, meter: &Meter) -> Self {
        Self { services: Arc::clone(services), meter: meter.clone() }
    }

    async fn sign<T: Serialize>(
        &self,
        context: Context,
        body: T,
        now: Timestamp,
    ) -> Result<Signed<T>> {
        let signer = self.services.signing_keys.signer(context, now).await?;
        signer.sign(body, &self.meter).await
    }
}

impl DecisionSigner {
    /// Signs a decision with the key in force at `now`.
    ///
    /// # Errors
    /// `unavailable` where no decision key is in force.
    pub async fn sign<T: Serialize>(&self, body: T, now: Timestamp) -> Result<Signed<T>> {
        self.0.sign(Context::Decision, body, now).await
    }
}

impl SnapshotSigner {
    /// Signs a snapshot with the key in force at `now`.
    ///
    /// # Errors
    /// `unavailable` where no snapshot key is in force.
    pub async fn sign<T: Serialize>(&self, body: T, now: Timestamp) -> Result<Signed<T>> {
        self.0.sign(Context::Snapshot, body, now).await
    }

    /// Returns every signing key, as of five minutes before `now` at the most.
    ///
    /// # Errors
    /// `unavailable` or `internal`, as DynamoDB answers.
    pub async fn key_ring(&self, now: Timestamp) -> Result<Arc<KeyRing>> {
        self.0.services.signing_keys.ring(now).await
    }
}

impl BundleSigner {
    /// Signs the manifest of a release bundle with the snapshot key in force at `now`. With one key
    /// the same manifest has the same signature, for Ed25519 is deterministic.
    ///
    /// # Errors
    /// `unavailable` where no snapshot key is in force.
    pub async fn sign<T: Serialize>(&self, body: T, now: Timestamp) -> Result<Signed<T>> {
        self.0.sign(Context::ReleaseBundle, body, now).await
    }
}

impl FromServices for DecisionSigner {
    const GRANTS: &'static [Grant] = &[Grant::ReadKeyRing, Grant::OpenDecisionKey];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self(ContextSigner::new(services, meter))
    }
}

impl FromServices for SnapshotSigner {
    const GRANTS: &'static [Grant] = &[Grant::ReadKeyRing, Grant::SignSnapshots];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self(ContextSigner::new(services, meter))
    }
}

impl FromServices for BundleSigner {
    const GRANTS: &'static [Grant] = &[Grant::ReadKeyRing, Grant::SignSnapshots];

    fn from_services(services: &Arc<Services>, _: &Arc<Principal>, meter: &Meter) -> Self {
        Self(ContextSigner::new(services, meter))
    }
}
