//! The keys that a function instance signs with: read and opened when they are first needed, looked
//! at again now and then.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;
use slipway_aws::Meter;
use slipway_catalog::{Reader, Table};
use slipway_domain::key::KeyRing;
use slipway_domain::{Code, Error, Principal, Result, Timestamp};
use slipway_signing::Context;
use slipway_signing_kms::{KeyStore, Signer};
use tokio::sync::Mutex;

/// How old the ring may be that a function rests on. Who rotates publishes the new key longer than
/// this before it signs, so that no function goes on with a key whose time is over.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// The keys of a function instance. What reading and opening them costs is part of no request.
#[derive(Debug)]
pub struct SigningKeys {
    table: Table,
    key_store: KeyStore,
    known: Mutex<LoadedKeys>,
}

/// What an instance knows.
#[derive(Debug, Default)]
struct LoadedKeys {
    ring: Arc<KeyRing>,
    /// When the ring was read; never, at first.
    read_at: Option<Timestamp>,
    /// The keys that were needed so far, by id: each is opened once, whatever it signs.
    open: HashMap<String, Signer>,
}

impl SigningKeys {
    /// The keys in `table`, which `key_store` opens.
    #[must_use]
    pub fn new(table: &Table, key_store: KeyStore) -> Self {
        Self { table: table.metered(&Meter::default()), key_store, known: Mutex::default() }
    }

    /// Every key there is, as of five minutes before `now` at the most.
    pub async fn ring(&self, now: Timestamp) -> Result<Arc<KeyRing>> {
        let mut known = self.known.lock().await;
        self.refresh(&mut known, now).await?;
        Ok(Arc::clone(&known.ring))
    }

    /// The key that signs for `context` at `now`, opened.
    ///
    /// # Errors
    /// `unavailable` where there is none.
    pub async fn signer(&self, context: Context, now: Timestamp) -> Result<Signer> {
        let mut known = self.known.lock().await;
        self.refresh(&mut known, now).await?;
        let ring = Arc::clone(&known.ring);
        let key = ring.signer(context.purpose(), now).ok_or_else(|| missing(context))?;
        if let Some(signer) = known.open.get(&key.kid) {
            return signer.in_context(context);
        }
        let signer = self.key_store.open(key, context, &Meter::default()).await?;
        known.open.insert(key.kid.clone(), signer.clone());
        Ok(signer)
    }

    /// Reads the ring again where it is old.
    async fn refresh(&self, known: &mut LoadedKeys, now: Timestamp) -> Result<()> {
        if known.read_at.is_some_and(|at| now.duration_since(at).abs() < FRESH) {
            return Ok(());
        }
        match Reader::new(self.table.clone(), Principal::system().into()).get_key_ring().await {
            Ok(ring) => {
                known.open.retain(|kid, _| ring.keys.iter().any(|key| key.kid == *kid));
                (known.ring, known.read_at) = (Arc::new(ring), Some(now));
                Ok(())
            }
            // That the catalog does not answer at this moment is no reason to stop signing with a
            // key that counts.
            Err(_) if known.read_at.is_some() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn missing(context: Context) -> Error {
    let purpose = context.purpose().as_str();
    let documents = match context {
        Context::Decision => "decisions",
        Context::Snapshot => "snapshots",
        Context::ReleaseBundle => "the manifests of releases",
    };
    let message = format!(
        "the deployment can't sign {documents} now: it has no {purpose} key that is active. An \
         operator makes one with `slipway-deploy key-create` (docs/SIGNING.md)"
    );
    Error::new(Code::Unavailable, message).because(format!("no {purpose} key is active"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_key_is_told_what_is_not_signed_and_what_to_do() {
        for (context, documents, key) in [
            (Context::Decision, "decisions", "decision"),
            (Context::Snapshot, "snapshots", "snapshot"),
            (Context::ReleaseBundle, "manifests of releases", "snapshot"),
        ] {
            let error = missing(context);
            let told = error.message();
            assert_eq!(error.code(), Code::Unavailable);
            assert!(told.contains(documents) && told.contains(&format!("no {key} key")), "{told}");
            assert!(told.contains("key-create"), "{told}");
        }
    }
}
