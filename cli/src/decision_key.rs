//! A mirror's own key for decisions: made here, known to nobody, and pinned by clients by hand.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use slipway_domain::key::{KeyCustody, KeyRing};
use slipway_domain::{Result as DomainResult, Timestamp};
use slipway_signing::seed::{Seed, public_half, seed};
use slipway_signing::{Context, KeySet, SeedSigner, Signed, key_file, new_key};

use crate::error::{CliError, Result};

/// The key that a mirror signs its decisions with.
#[derive(Debug)]
pub struct DecisionKey {
    signer: SeedSigner,
    keys: KeySet,
}

/// A key that was made.
#[derive(Debug, Serialize)]
pub struct NewDecisionKey {
    /// Where its private half is.
    pub file: PathBuf,
    /// Its id.
    pub key_id: String,
    /// Its public half, for clients to pin.
    pub keys: KeySet,
}

impl DecisionKey {
    /// The key in a file.
    pub async fn read(path: &Path) -> Result<Self> {
        let seed = key_file::read(path).await.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => {
                CliError::Usage(format!("the decision key {}: {error}", path.display()))
            }
            _ => CliError::io(path)(error),
        })?;
        Ok(Self::of(&seed))
    }

    fn of(seed: &Seed) -> Self {
        // Nobody knows since when: it counts as long as a client has it.
        let since = Timestamp::UNIX_EPOCH;
        let custody = KeyCustody::File { name: String::new() };
        let key = new_key(&public_half(seed), Context::Decision, since, custody);
        let keys = KeySet::of(&KeyRing { keys: vec![key] }, since);
        Self { signer: SeedSigner::new(seed), keys }
    }

    /// Its public half, for clients to pin.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Signs a decision response.
    pub fn sign<T: Serialize>(&self, response: T) -> DomainResult<Signed<T>> {
        self.signer.sign(Context::Decision, response)
    }
}

/// Makes a key, in a new file that its owner alone can read.
pub async fn create(path: &Path) -> Result<NewDecisionKey> {
    let mut entropy = [0; 32];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut entropy).map_err(|_| {
        CliError::Other("the system gives no random numbers to make a key of".to_owned())
    })?;
    let seed = seed(&entropy).map_err(|error| CliError::Other(error.to_string()))?;
    key_file::write(path, &seed).await.map_err(CliError::io(path))?;
    let DecisionKey { signer, keys } = DecisionKey::of(&seed);
    Ok(NewDecisionKey { file: path.to_owned(), key_id: signer.kid().to_owned(), keys })
}
