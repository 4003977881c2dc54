//! Media types of bodies (RFC 9110, section 8.3).

use schemars::{Schema, json_schema};

/// A media type, as a type: an output's description knows it without a value.
pub trait MediaType: Send + 'static {
    /// As `Content-Type` has it.
    const NAME: &'static str;

    /// The schema of a document of which no more is known.
    #[must_use]
    fn schema() -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// `application/yaml` (RFC 9512).
#[derive(Debug, Clone, Copy)]
pub struct ApplicationYaml;

impl MediaType for ApplicationYaml {
    const NAME: &'static str = "application/yaml";
}

/// `application/json`, which a body is where nothing else is said.
#[derive(Debug, Clone, Copy)]
pub struct ApplicationJson;

impl MediaType for ApplicationJson {
    const NAME: &'static str = "application/json";

    fn schema() -> Schema {
        json_schema!({ "type": "object", "additionalProperties": true })
    }
}
