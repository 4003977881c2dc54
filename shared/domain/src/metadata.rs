//! Metadata of releases: what vendors pass on to their clients, as raw JSON.

mod large_members;
mod os_version;
mod typed_members;

use std::sync::{Arc, OnceLock};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

pub use self::os_version::{InstalledOs, OsRequirement};
pub use self::typed_members::TypedMetadata;
use crate::i_json::{IJson, JsonObject};
use crate::{Error, Result};

/// Size limit of a release's metadata, in bytes of JSON. It is part of every decision response.
pub const MAX_METADATA_BYTES: usize = 16 << 10;

/// Metadata of a release: any JSON object, such as release notes or a minimum OS version.
///
/// It is kept as text: many are in memory, and few are looked at. What is deserialized is I-JSON
/// ([`IJson`]); what an earlier version stored may be any JSON.
#[derive(Debug, Clone)]
pub struct Metadata(Arc<MetadataText>);

#[derive(Debug)]
struct MetadataText {
    json: Box<RawValue>,
    /// How many bytes of JSON it is when it is signed; `None` if it is not I-JSON. Looked at when
    /// it is signed for the first time.
    signable_bytes: OnceLock<Option<usize>>,
    /// Looked at when the first client asks that says its operating system.
    min_os_version: OnceLock<Option<OsRequirement>>,
}

impl MetadataText {
    fn new(json: Box<RawValue>, signable_bytes: OnceLock<Option<usize>>) -> Arc<Self> {
        Arc::new(Self { json, signable_bytes, min_os_version: OnceLock::new() })
    }
}

impl Metadata {
    /// Metadata as it was stored, unchecked.
    #[must_use]
    pub fn from_stored(json: &RawValue) -> Self {
        Self(MetadataText::new(json.to_owned(), OnceLock::new()))
    }

    /// Its JSON text.
    #[must_use]
    pub fn as_json(&self) -> &RawValue {
        &self.0.json
    }

    /// Checks the size, and the form of the members that clients act on.
    ///
    /// # Errors
    /// `invalid_field`, with the member.
    pub fn check(&self) -> Result<()> {
        let size = self.as_json().get().len();
        if size > MAX_METADATA_BYTES {
            return Err(Error::invalid(
                "metadata",
                format!(
                    "{size} bytes of JSON; at most {MAX_METADATA_BYTES}, because it travels in every decision"
                ),
            ));
        }
        let members: JsonObject =
            serde_json::from_str(self.as_json().get()).map_err(Error::internal)?;
        typed_members::check(&members)
    }

    /// The oldest operating systems that the release runs on; `None` if it says none, or in
    /// another form, as an earlier version has let it.
    #[must_use]
    pub fn min_os_version(&self) -> Option<&OsRequirement> {
        let read = || {
            let members: JsonObject = serde_json::from_str(self.as_json().get()).ok()?;
            OsRequirement::parse(members.get("min_os_version")?)
        };
        self.0.min_os_version.get_or_init(read).as_ref()
    }

    /// The metadata, to be signed. `None` where an earlier version stored what is not I-JSON:
    /// verifiers refuse a document with it as a whole, so that it is left out.
    #[must_use]
    pub fn signable(&self) -> Option<Self> {
        self.signable_bytes().map(|_| self.clone())
    }

    /// How many bytes of JSON it is in a response. Numbers are not written as they were stored.
    #[must_use]
    pub fn json_bytes(&self) -> usize {
        self.signable_bytes().unwrap_or_else(|| self.as_json().get().len())
    }

    fn signable_bytes(&self) -> Option<usize> {
        let bytes = || {
            let IJson(value) = serde_json::from_str(self.as_json().get()).ok()?;
            value.is_object().then(|| value.to_string().len())
        };
        *self.0.signable_bytes.get_or_init(bytes)
    }

    fn of_signable(json: Box<RawValue>) -> Self {
        let bytes = json.get().len();
        Self(MetadataText::new(json, OnceLock::from(Some(bytes))))
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let IJson(value) = IJson::deserialize(deserializer)?;
        if !value.is_object() {
            return Err(D::Error::custom("metadata is a JSON object"));
        }
        let json = serde_json::value::to_raw_value(&value).map_err(D::Error::custom)?;
        Ok(Self::of_signable(json))
    }
}

/// As a value and not as raw text, which other serializers than `serde_json`'s own don't know.
impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value: Value =
            serde_json::from_str(self.as_json().get()).map_err(serde::ser::Error::custom)?;
        value.serialize(serializer)
    }
}

/// Equal as JSON values: neither the order of members nor blanks count.
impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        let value = |json: &RawValue| serde_json::from_str::<Value>(json.get()).ok();
        let (one, other) = (self.as_json(), other.as_json());
        one.get() == other.get() || value(one) == value(other)
    }
}

impl JsonSchema for Metadata {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        JsonObject::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        JsonObject::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_equal_as_json_is_equal() {
        let metadata = |json| serde_json::from_str::<Metadata>(json).unwrap();
        let one = metadata(r#"{"a":1,"b":{"c":[0.1]}}"#);
        assert_eq!(one, metadata(r#"{ "b": {"c": [0.10]}, "a": 1 }"#));
        assert_ne!(one, metadata(r#"{"a":1,"b":{"c":[0.2]}}"#));
    }

    #[test]
    fn what_was_stored_is_passed_on_and_signed_only_if_every_parser_reads_the_same() {
        let stored = |json: &str| {
            Metadata::from_stored(&serde_json::from_str::<Box<RawValue>>(json).unwrap())
        };
        let good = stored(r#"{"a":[1]}"#);
        assert_eq!(good.signable(), Some(good));
        for json in [r#"{"build":9007199254740993}"#, r#"{"a":1,"a":2}"#, "[]"] {
            let metadata = stored(json);
            assert_eq!(metadata.signable(), None, "{json}");
            assert!(serde_json::to_string(&metadata).is_ok());
            assert!(serde_json::from_str::<Metadata>(json).is_err());
        }
    }

    #[test]
    fn a_form_that_is_stored_and_would_be_refused_today_is_no_requirement() {
        let stored = |json: &str| {
            Metadata::from_stored(&serde_json::from_str::<Box<RawValue>>(json).unwrap())
        };
        assert!(stored(r#"{"min_os_version":"12"}"#).min_os_version().is_some());
        for json in [
            r#"{"min_os_version":7,"critical":"yes"}"#,
            r#"{"min_os_version":"any"}"#,
            r#"{"build":9007199254740993}"#,
            "[]",
            "null",
        ] {
            assert_eq!(stored(json).min_os_version(), None, "{json}");
        }
        let old = stored(r#"{"min_os_version":7,"critical":"yes"}"#);
        assert_eq!(old.signable(), Some(old.clone()));
        assert_eq!(old.check().unwrap_err().field(), Some("metadata.min_os_version"));
    }
}
