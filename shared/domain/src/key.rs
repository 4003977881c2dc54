//! Signing keys as the catalog knows them: public half, validity, and in whose custody the private
//! half is.

mod ring;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::ring::KeyRing;

/// What a key signs. A key never signs anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Decisions.
    Decision,
    /// Snapshots.
    Snapshot,
}

impl KeyPurpose {
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
    pub purpose: KeyPurpose,
    /// The 32 bytes of the public key, base64url without padding.
    pub public_key: String,
    /// From when it signs, unless a later one does, and its signatures count.
    pub not_before: Timestamp,
    /// Until when its signatures count; open, where it has no successor yet.
    pub not_after: Option<Timestamp>,
    /// Where the private half is.
    pub custody: KeyCustody,
}

/// In whose custody a private key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "backend")]
pub enum KeyCustody {
    /// In KMS, which it never leaves: KMS signs.
    Kms {
        /// The KMS key.
        kms_key_id: String,
    },
    /// The 32 bytes that it is made of, encrypted under a KMS key with kid and purpose as
    /// encryption context: a function opens it at its start, and signs itself.
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
    /// Its time has not come: it is published, so that verifiers know it before it signs.
    Pending,
    /// It signs.
    Active,
    /// It has a successor and signs no more; its signatures count until its grace period is over.
    Retiring,
    /// Its signatures count no more.
    Expired,
}

impl SigningKey {
    /// Whether its signatures count at `now`.
    #[must_use]
    pub fn counts_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && self.counts_until(now)
    }

    /// Whether its signatures have not ceased to count at `time`.
    fn counts_until(&self, time: Timestamp) -> bool {
        self.not_after.is_none_or(|end| time < end)
    }
}
