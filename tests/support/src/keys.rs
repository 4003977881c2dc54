//! The deployer's way to the key ring.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use slipway_aws::{Clients, Meter};
use slipway_catalog::{AuditContext, Table, Writer};
use slipway_domain::audit::EventType;
use slipway_domain::key::{KeyPurpose, KeyRing, SigningKey};
use slipway_domain::{GenerateId, Principal, Result};
use slipway_edge::clock::entropy;
use slipway_signing::Context;
use slipway_signing_kms::KeyStore;

use crate::World;

impl World {
    /// The deployer's way to the catalog.
    #[must_use]
    pub fn catalog(&self) -> Writer {
        let client = Clients::local(&self.stack.local).dynamodb;
        let table = Table::new(client, &self.stack.settings.table, Meter::default());
        Writer::new(table, Principal::system().into())
    }

    /// What the deployment would have signed of a snapshot: `manifest` with a signature that is
    /// right, whatever it says. For what only a vendor can do wrong.
    pub async fn sign_snapshot(&self, mut manifest: Value) -> Value {
        let members = manifest.as_object_mut().expect("a manifest");
        members.remove("signature");
        members.remove("key_id");
        let ring = self.catalog().get_key_ring().await.expect("a ring");
        let key = ring.signer(KeyPurpose::Snapshot, Timestamp::now()).expect("a key");
        let key_store =
            KeyStore::Directory(self.stack.settings.key_directory.clone().expect("keys in files"));
        let signer =
            key_store.open(key, Context::Snapshot, &Meter::default()).await.expect("a signer");
        json!(signer.sign(manifest, &Meter::default()).await.expect("a signature"))
    }

    /// Changes the ring as `change` says.
    pub async fn change_key_ring(
        &self,
        event: EventType,
        kid: &str,
        change: impl Fn(&KeyRing) -> Result<Vec<SigningKey>>,
    ) {
        let now = Timestamp::now();
        let event_id = GenerateId::generate(now, entropy().expect("entropy"));
        let audit = AuditContext::new(now, "deployer", "test", event_id);
        self.catalog().update_key_ring(change, event, kid, &audit).await.expect("a ring");
    }

    /// Adds `key` as the successor of those that are there.
    pub async fn join_key(&self, key: &SigningKey, grace: SignedDuration) {
        self.change_key_ring(EventType::KeyAdded, &key.kid, |ring| {
            Ok(ring.with_successor(key.clone(), grace))
        })
        .await;
    }
}
