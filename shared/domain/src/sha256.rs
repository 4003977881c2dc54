//! SHA-256 digests as the API writes them.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Digest;

use crate::text::TextError;

/// A SHA-256 digest (FIPS 180-4): 64 hex digits, in lower case. Input may be upper case, as
/// PowerShell's `Get-FileHash` prints it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[0-9a-fA-F]{64}$"))]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest in base64, as S3's header `x-amz-checksum-sha256` has it.
    #[must_use]
    pub fn to_base64(self) -> String {
        BASE64.encode(&self.0)
    }

    /// Parses the base64 form of S3's checksum fields; `None` unless it has 32 bytes, as for a
    /// composite checksum.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl From<[u8; 32]> for Sha256 {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Sha256 {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or_else(|| {
            TextError::new(text, "a SHA-256", "64 hex digits, as `sha256sum` prints them")
        })
    }
}

impl TryFrom<String> for Sha256 {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.to_string()
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upper_case_is_read_and_lower_case_is_written() {
        let lower = Sha256::of(b"installer").to_string();
        assert_eq!(lower.to_uppercase().parse::<Sha256>().unwrap().to_string(), lower);
    }

    #[test]
    fn short_long_and_non_hex_are_refused() {
        let right = Sha256::of(b"").to_string();
        for wrong in
            ["", "a1b2c3d4e5f6...", &right[1..], &format!("{right}0"), &right.replace('e', "g")]
        {
            assert!(wrong.parse::<Sha256>().is_err(), "{wrong}");
        }
    }
}
