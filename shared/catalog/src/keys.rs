//! Signing keys.

use slipway_domain::key::{KeyStatus, Purpose, SigningKey};
use slipway_domain::{Code, Error, Result, Timestamp};

use crate::row::{Row, decode};
use crate::schema;
use crate::table::{Reader, Writer};
use crate::transaction::Commit;

/// The most keys that a key ring holds.
const MAX_KEYS: i32 = 100;

impl Reader {
    /// Every key there is.
    pub async fn key_ring(&self) -> Result<slipway_domain::key::KeyRing> {
        Ok(slipway_domain::key::KeyRing { keys: self.signing_keys().await? })
    }

    /// Every key there is, those that no longer count among them.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>> {
        let rows = self.table.partition(&schema::key_ring(), MAX_KEYS).await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    /// Makes sure that the catalog answers, and that decisions can be signed at `now`.
    ///
    /// # Errors
    /// `unavailable` if not.
    pub async fn health(&self, now: Timestamp) -> Result<()> {
        let key = self.signing_key(Purpose::Decision, now).await;
        key.map(|_| ()).map_err(|error| Error::new(Code::Unavailable, "the deployment can't decide now; its log says why").because(error))
    }

    /// The key that signs for `purpose` at `now`: of those that count, the one that came last.
    pub async fn signing_key(&self, purpose: Purpose, now: Timestamp) -> Result<SigningKey> {
        let keys = self.signing_keys().await?.into_iter();
        let usable = keys.filter(|key| key.purpose == purpose && key.status_at(now) == KeyStatus::Active);
        usable
            .max_by_key(|key| key.not_before)
            .ok_or_else(|| Error::internal(format!("no {purpose:?} key is active; make one (docs/SIGNING.md)")))
    }
}

impl Writer {
    /// Adds a key to the ring.
    ///
    /// # Errors
    /// `internal` if it is there already: key ids are thumbprints.
    pub async fn add_signing_key(&self, key: &SigningKey) -> Result<()> {
        let mut tx = self.table.transaction();
        tx.create(Row::first(schema::signing_key(&key.kid), key)?)?;
        match tx.commit().await? {
            Commit::Done => Ok(()),
            Commit::Cancelled(_) => Err(Error::internal(format!("the key ring has {} already", key.kid))),
        }
    }
}
