//! Signing keys as the catalog knows them: public half, validity, and where the private half is sealed.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a key signs. A key never signs anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Decisions.
    Decision,
    /// Snapshots.
    Snapshot,
}

impl Purpose {
    /// The purpose as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Snapshot => "snapshot",
        }
    }
}

/// A signing key (Ed25519, RFC 8032).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKey {
    /// Its id: the RFC 7638 thumbprint of the public key.
    pub kid: String,
    /// What it signs.
    pub purpose: Purpose,
    /// The 32 bytes of the public key, base64url without padding.
    pub public_key: String,
    /// From when its signatures count.
    pub not_before: Timestamp,
    /// Until when its signatures count; open, where it has no end yet.
    pub not_after: Option<Timestamp>,
    /// Where the private half is.
    pub seed: SealedSeed,
}

/// Where the 32 bytes that a private key is made of are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "backend")]
pub enum SealedSeed {
    /// Encrypted under a KMS key, with kid and purpose as encryption context.
    Envelope {
        /// The KMS key.
        kms_key_id: String,
        /// What KMS answered, base64.
        ciphertext: String,
    },
    /// In a file of the local stack's key directory.
    File {
        /// Its name.
        name: String,
    },
}

/// Whether a key is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Its time has not come.
    Pending,
    /// Its signatures count.
    Active,
    /// Its signatures count no more.
    Expired,
}

impl SigningKey {
    /// Where the key stands at `now`.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> KeyStatus {
        if now < self.not_before {
            KeyStatus::Pending
        } else if self.not_after.is_some_and(|end| now >= end) {
            KeyStatus::Expired
        } else {
            KeyStatus::Active
        }
    }
}

/// Every key there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRing {
    /// The keys.
    pub keys: Vec<SigningKey>,
}

impl KeyRing {
    /// The key that signs for `purpose` at `now`.
    #[must_use]
    pub fn signer(&self, purpose: Purpose, now: Timestamp) -> Option<&SigningKey> {
        let usable = self.keys.iter().filter(|key| key.purpose == purpose && key.status_at(now) == KeyStatus::Active);
        usable.max_by_key(|key| key.not_before)
    }
}
