//! The deployer's way to the key ring.

use jiff::{SignedDuration, Timestamp};
use slipway_aws::{Clients, Meter};
use slipway_catalog::{Deed, Table, Writer};
use slipway_domain::audit::EventType;
use slipway_domain::key::{KeyRing, SigningKey};
use slipway_domain::{Fresh, Result};
use slipway_edge::clock::entropy;

use crate::World;

impl World {
    /// Changes the ring as `change` says.
    pub async fn change_key_ring(&self, event: EventType, kid: &str, change: impl Fn(&KeyRing) -> Result<Vec<SigningKey>>) {
        let client = Clients::local(&self.stack.local).dynamodb;
        let catalog = Writer::new(Table::new(client, &self.stack.settings.table, Meter::default()));
        let now = Timestamp::now();
        let event_id = Fresh::fresh(now, entropy().expect("entropy"));
        let (actor, request_id, base_url) = ("deployer".to_owned(), "test".to_owned(), String::new());
        catalog.change_key_ring(change, event, kid, &Deed { now, actor, request_id, base_url, event_id }).await.expect("a ring");
    }

    /// Adds `key` as the successor of those that are there.
    pub async fn join_key(&self, key: &SigningKey, grace: SignedDuration) {
        self.change_key_ring(EventType::KeyAdded, &key.kid, |ring| Ok(ring.joined(key.clone(), grace))).await;
    }
}
