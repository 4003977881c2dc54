//! Signing keys as the catalog stores them: public key, validity, and custody of the private key.

mod ring;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::ring::KeyRing;

/// What a key signs. A key has exactly one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Decision responses.
    Decision,
    /// Snapshot manifests.
    Snapshot,
}

impl KeyPurpose {
    /// The purpose as it appears in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Snapshot => "snapshot",
        }
    }
}

/// A signing key (Ed25519, RFC 8032): its public half and where its private half is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Key id: the RFC 7638 thumbprint of the public key.
    pub kid: String,
    /// What the key signs.
    pub purpose: KeyPurpose,
    /// Public key: 32 bytes, base64url without padding.
    pub public_key: String,
    /// Start of validity. From then on the key signs, unless a newer key does.
    pub not_before: Timestamp,
    /// End of validity; `None` while no successor is planned.
    pub not_after: Option<Timestamp>,
    /// Where the private key is kept.
    pub custody: KeyCustody,
}

/// Where a private key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCustody {
    /// In KMS. The key never leaves it; each signature is a call to KMS.
    Kms {
        /// Id of the KMS key.
        kms_key_id: String,
    },
    /// In the row itself, as a seed of 32 bytes encrypted under a KMS key, with `kid` and purpose
    /// as encryption context. A function decrypts it at start-up and signs in memory.
    Envelope {
        /// Id of the KMS key that encrypts the seed.
        kms_key_id: String,
        /// KMS ciphertext of the seed, base64.
        ciphertext: String,
    },
    /// In a file of the local stack's key directory.
    File {
        /// Name of the file.
        name: String,
    },
}

/// Lifecycle status of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Published, but not yet valid: verifiers know the key before it signs.
    Pending,
    /// Signs.
    Active,
    /// Superseded: signs no more. Its signatures stay valid until its grace period ends.
    Retiring,
    /// No longer valid, and neither are its signatures.
    Expired,
}

impl SigningKey {
    /// Whether signatures of this key are valid at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && self.extends_to(now)
    }

    /// Whether the key's validity extends to `time`.
    fn extends_to(&self, time: Timestamp) -> bool {
        self.not_after.is_none_or(|end| time < end)
    }
}
