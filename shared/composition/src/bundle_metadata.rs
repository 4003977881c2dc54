//! What else is to be said of a release bundle.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many members there may be.
const MAX_MEMBERS: usize = 64;
/// How many bytes names and values may have together.
const MAX_BYTES: usize = 4096;

/// Metadata of a release: texts by name, at most 64, with at most 4096 bytes of names and values in
/// UTF-8 together. Slipway does nothing with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
#[schemars(extend("maxProperties" = 64))]
pub struct BundleMetadata(BTreeMap<String, String>);

impl BundleMetadata {
    /// Its members.
    #[must_use]
    pub fn members(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// What a row has, which was checked when it was written.
    #[must_use]
    pub fn from_stored(members: BTreeMap<String, String>) -> Self {
        Self(members)
    }
}

impl TryFrom<BTreeMap<String, String>> for BundleMetadata {
    type Error = String;

    fn try_from(members: BTreeMap<String, String>) -> Result<Self, String> {
        let bytes: usize = members.iter().map(|(name, value)| name.len() + value.len()).sum();
        if members.len() > MAX_MEMBERS {
            return Err(format!("{} members, which are more than {MAX_MEMBERS}", members.len()));
        }
        if bytes > MAX_BYTES {
            return Err(format!("{bytes} bytes of names and values, more than {MAX_BYTES}"));
        }
        Ok(Self(members))
    }
}

impl From<BundleMetadata> for BTreeMap<String, String> {
    fn from(metadata: BundleMetadata) -> Self {
        metadata.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(members: usize, bytes: usize) -> Result<BundleMetadata, String> {
        let members = (0..members).map(|n| (format!("{n:02}"), "x".repeat(bytes)));
        members.collect::<BTreeMap<_, _>>().try_into()
    }

    #[test]
    fn metadata_is_bounded_in_members_and_bytes() {
        assert!(of(64, 62).is_ok());
        assert!(of(65, 1).unwrap_err().contains("65 members"));
        assert!(of(64, 63).unwrap_err().contains("4160 bytes"));
    }
}
