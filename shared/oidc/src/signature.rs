//! Signatures, by ring: RS256, ES256 and `EdDSA`, and nothing else.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

/// An algorithm that a JWT may be signed with (RFC 7518, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

/// A public key, which is of one algorithm.
#[derive(Debug, Clone)]
pub(crate) enum PublicKey {
    /// Modulus and exponent, big-endian. ring refuses a modulus below 2048 bits.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point of P-256, uncompressed.
    P256(Vec<u8>),
    /// A point of Ed25519.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// What the key is for.
    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// Whether `signature` is one of `message` by this key.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let raw = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature)
        };
        let verified = match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n: &n[..], e: &e[..] }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
            Self::P256(key) => raw(&ECDSA_P256_SHA256_FIXED, key),
            Self::Ed25519(key) => raw(&ED25519, key),
        };
        verified.is_ok()
    }
}
