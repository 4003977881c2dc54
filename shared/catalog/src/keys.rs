//! Signing keys: the ring as a whole.

use slipway_domain::audit::EventType;
use slipway_domain::key::{KeyPurpose, KeyRing, SigningKey};
use slipway_domain::{Code, Error, Result, Timestamp};

use crate::audit::AuditContext;
use crate::retry::Retry;
use crate::row::{Row, Stored, decode};
use crate::schema;
use crate::table::{Reader, Writer};
use crate::transaction::CommitOutcome;

/// The most keys that a key ring holds.
const MAX_KEYS: i32 = 100;

impl Reader {
    /// Every key there is, those that no longer count among them.
    pub async fn key_ring(&self) -> Result<KeyRing> {
        Ok(KeyRing {
            keys: self.stored_keys().await?.into_iter().map(|stored| stored.value).collect(),
        })
    }

    /// Makes sure that the catalog answers, and that decisions can be signed at `now`.
    ///
    /// # Errors
    /// `unavailable` if not.
    pub async fn health(&self, now: Timestamp) -> Result<()> {
        let unavailable =
            || Error::new(Code::Unavailable, "the deployment can't decide now; its log says why");
        let ring = self.key_ring().await.map_err(|error| unavailable().because(error))?;
        let signer = ring.signer(KeyPurpose::Decision, now);
        signer.map(|_| ()).ok_or_else(|| {
            unavailable().because("no decision key is active; make one (docs/SIGNING.md)")
        })
    }

    async fn stored_keys(&self) -> Result<Vec<Stored<SigningKey>>> {
        let rows = self.table.partition(&schema::key_ring(), MAX_KEYS).await?;
        rows.iter().map(decode).collect()
    }
}

impl Writer {
    /// Changes the ring: `change` tells which keys are new, or other than they were.
    ///
    /// # Errors
    /// What `change` refuses.
    pub async fn change_key_ring(
        &self,
        change: impl Fn(&KeyRing) -> Result<Vec<SigningKey>>,
        event: EventType,
        kid: &str,
        audit: &AuditContext,
    ) -> Result<()> {
        let mut retry = Retry::new();
        loop {
            let stored = self.stored_keys().await?;
            let changed = change(&KeyRing {
                keys: stored.iter().map(|stored| stored.value.clone()).collect(),
            })?;
            let mut tx = self.table.transaction();
            for key in &changed {
                let seen = stored
                    .iter()
                    .find(|stored| stored.value.kid == key.kid)
                    .map(|stored| stored.rev);
                tx.succeed(
                    Row::at(schema::signing_key(&key.kid), key, seen.unwrap_or_default() + 1)?,
                    seen,
                )?;
            }
            tx.set(audit.audit(event, kid)?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(()),
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }
}
