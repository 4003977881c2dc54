//! Signing keys: the ring as a whole.

use slipway_domain::audit::EventType;
use slipway_domain::key::{KeyPurpose, KeyRing, SigningKey};
use slipway_domain::{Code, Error, Result, Timestamp};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Resource;
use crate::schema;
use crate::store::{Reader, Row, Stored, Writer, decode};

impl Reader {
    /// Every key there is, those that no longer count among them.
    pub async fn get_key_ring(&self) -> Result<KeyRing> {
        Ok(KeyRing {
            keys: self.stored_keys().await?.into_iter().map(|stored| stored.value).collect(),
        })
    }

    /// Makes sure that the catalog answers, and that decisions can be signed at `now`.
    ///
    /// # Errors
    /// `unavailable` if not.
    pub async fn check_health(&self, now: Timestamp) -> Result<()> {
        let unavailable =
            || Error::new(Code::Unavailable, "the deployment can't decide now; its log says why");
        let ring = self.get_key_ring().await.map_err(|error| unavailable().because(error))?;
        let signer = ring.signer(KeyPurpose::Decision, now);
        signer.map(|_| ()).ok_or_else(|| {
            unavailable().because("no decision key is active; make one (docs/SIGNING.md)")
        })
    }

    async fn stored_keys(&self) -> Result<Vec<Stored<SigningKey>>> {
        let rows = self.table.partition(&schema::key_ring()).await?;
        rows.iter().map(decode).collect()
    }
}

impl Writer {
    /// Changes the ring: `change` tells which keys are new, or other than they were.
    ///
    /// # Errors
    /// What `change` refuses.
    pub async fn update_key_ring(
        &self,
        change: impl Fn(&KeyRing) -> Result<Vec<SigningKey>>,
        event: EventType,
        kid: &str,
        audit: &AuditContext,
    ) -> Result<()> {
        self.authorize_change(Resource::Deployment)?;
        let change = &change;
        self.table
            .transact(|mut tx| async move {
                let stored = self.stored_keys().await?;
                let ring = KeyRing { keys: stored.iter().map(|key| key.value.clone()).collect() };
                let changed = change(&ring)?;
                for key in &changed {
                    let seen = stored.iter().find(|stored| stored.value.kid == key.kid);
                    let row = Row::new(schema::signing_key(&key.kid), key)?;
                    tx.put_if_unchanged(row, seen.map(|stored| stored.rev))?;
                }
                audit.record(&mut tx, event, audited::key_ring(kid, &ring, &changed)?)?;
                Ok(tx.returning(()))
            })
            .await
    }
}
