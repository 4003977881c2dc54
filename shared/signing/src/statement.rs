//! What is signed.

use serde::Serialize;
use slipway_domain::key::KeyPurpose;
use slipway_domain::{Error, Result, Sha256};

/// What a signature is for. It is part of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// An answer of the decision operation.
    Decision,
    /// A snapshot's manifest.
    Snapshot,
}

impl Context {
    /// The text that a statement begins with.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "slipway.decision.v1",
            Self::Snapshot => "slipway.snapshot.v1",
        }
    }

    /// The only keys whose signatures count here.
    #[must_use]
    pub const fn purpose(self) -> KeyPurpose {
        match self {
            Self::Decision => KeyPurpose::Decision,
            Self::Snapshot => KeyPurpose::Snapshot,
        }
    }
}

/// The bytes that are signed for `object`, which must not have a `signature`:
/// `context || 0x0A || SHA-256(JCS(object))`, some 52 bytes whatever the object's size.
///
/// # Errors
/// `internal` for what can't be written as JSON.
pub fn statement(context: Context, object: &impl Serialize) -> Result<Vec<u8>> {
    let digest = canonical_digest(object)?;
    let mut statement = Vec::with_capacity(64);
    statement.extend_from_slice(context.as_str().as_bytes());
    statement.push(b'\n');
    statement.extend_from_slice(digest.as_bytes());
    Ok(statement)
}

/// SHA-256 of the canonical form (RFC 8785) of `value`.
///
/// # Errors
/// `internal` for what can't be written as JSON.
pub fn canonical_digest(value: &impl Serialize) -> Result<Sha256> {
    serde_json_canonicalizer::to_vec(value)
        .map(|canonical| Sha256::of(&canonical))
        .map_err(Error::internal)
}
