//! Statements: the bytes that are signed.

use serde::Serialize;
use slipway_domain::key::KeyPurpose;
use slipway_domain::{Error, Result, Sha256};

/// Signing context: what a signature is for. Part of the signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// A decision response.
    Decision,
    /// A snapshot manifest.
    Snapshot,
    /// The manifest of a release bundle.
    ReleaseBundle,
}

impl Context {
    /// The context string that a statement begins with.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "slipway.decision.v1",
            Self::Snapshot => "slipway.snapshot.v1",
            Self::ReleaseBundle => "slipway.release-bundle.v1",
        }
    }

    /// The purpose that a key must have to sign in this context. Keys for snapshots sign the
    /// manifests of release bundles too; the context keeps the two apart.
    #[must_use]
    pub const fn purpose(self) -> KeyPurpose {
        match self {
            Self::Decision => KeyPurpose::Decision,
            Self::Snapshot | Self::ReleaseBundle => KeyPurpose::Snapshot,
        }
    }
}

/// The bytes to be signed for `object`, which must not have a member `signature`: `context || 0x0A
/// || SHA-256(JCS(object))`, about 52 bytes regardless of the object's size.
///
/// # Errors
/// `internal` if `object` can't be serialized as JSON.
pub fn statement(context: Context, object: &impl Serialize) -> Result<Vec<u8>> {
    let digest = canonical_digest(object)?;
    let mut statement = Vec::with_capacity(64);
    statement.extend_from_slice(context.as_str().as_bytes());
    statement.push(b'\n');
    statement.extend_from_slice(digest.as_bytes());
    Ok(statement)
}

/// SHA-256 digest of `value` in canonical form (RFC 8785).
///
/// # Errors
/// `internal` if `value` can't be serialized as JSON.
pub fn canonical_digest(value: &impl Serialize) -> Result<Sha256> {
    serde_json_canonicalizer::to_vec(value)
        .map(|canonical| Sha256::of(&canonical))
        .map_err(Error::internal)
}
