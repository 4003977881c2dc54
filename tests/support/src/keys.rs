//! The deployer's way to the key ring.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use slipway_aws::{Clients, Meter};
use slipway_catalog::{AuditContext, Reader, Table, Writer};
use slipway_domain::audit::EventType;
use slipway_domain::key::{KeyPurpose, KeyRing, SigningKey};
use slipway_domain::{GenerateId, Result};
use slipway_edge::clock::entropy;
use slipway_signing::Context;
use slipway_signing_kms::KeyStore;

use crate::World;

impl World {
    /// What the deployment would have signed of a snapshot: `manifest` with a signature that is
    /// right, whatever it says. For what only a vendor can do wrong.
    pub async fn sign_snapshot(&self, mut manifest: Value) -> Value {
        let members = manifest.as_object_mut().expect("a manifest");
        members.remove("signature");
        members.remove("key_id");
        let catalog = Reader::new(Table::new(
            Clients::local(&self.stack.local).dynamodb,
            &self.stack.settings.table,
            Meter::default(),
        ));
        let ring = catalog.get_key_ring().await.expect("a ring");
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
        let client = Clients::local(&self.stack.local).dynamodb;
        let catalog = Writer::new(Table::new(client, &self.stack.settings.table, Meter::default()));
        let now = Timestamp::now();
        let event_id = GenerateId::generate(now, entropy().expect("entropy"));
        let (actor, request_id) = ("deployer".to_owned(), "test".to_owned());
        catalog
            .update_key_ring(change, event, kid, &AuditContext { now, actor, request_id, event_id })
            .await
            .expect("a ring");
    }

    /// Adds `key` as the successor of those that are there.
    pub async fn join_key(&self, key: &SigningKey, grace: SignedDuration) {
        self.change_key_ring(EventType::KeyAdded, &key.kid, |ring| {
            Ok(ring.with_successor(key.clone(), grace))
        })
        .await;
    }
}
