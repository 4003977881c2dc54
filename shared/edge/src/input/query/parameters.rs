//! What is known of an operation's query parameters from their schemas: looked at where a request is
//! wrong, so that the refusal says what would be right.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;
use slipway_domain::json::NO_TIME;
use slipway_domain::{Code, Error, Result};

/// The member of a parameter's schema that says what separates the values of a list.
const SEPARATOR: &str = "x-slipway-separator";

/// The schemas of an operation's query parameters, by name.
pub(super) struct Parameters(Value);

impl Parameters {
    /// Those of the struct `T`.
    pub(super) fn of<T: JsonSchema>() -> Self {
        let settings = SchemaSettings::default().with(|some| some.inline_subschemas = true);
        let mut schema = T::json_schema(&mut SchemaGenerator::new(settings));
        Self(schema.remove("properties").unwrap_or_default())
    }

    /// Makes sure that `name`, which is given `times`, is a list.
    ///
    /// # Errors
    /// `invalid_field` for a parameter with one value.
    pub(super) fn require_list(&self, name: &str, times: usize) -> Result<()> {
        let schema = self.0.get(name);
        if schema.is_none_or(|schema| find(schema, SEPARATOR).is_some()) {
            // One that is not known is refused as such.
            return Ok(());
        }
        let message = format!(
            "the query gives `{name}` {times} times; give it once, and ask for each value by itself"
        );
        Err(Error::invalid(name, message))
    }

    /// The refusal of a value, with what would be right.
    pub(super) fn explain(&self, error: Error) -> Error {
        let known = error.field().and_then(|name| self.0.get(name));
        let (Some(schema), Code::InvalidField) = (known, error.code()) else { return error };
        let name = error.field().unwrap_or_default().to_owned();
        let integer = |bound| find(schema, bound).and_then(Value::as_i64);
        if find(schema, "format").is_some_and(|format| format == "date-time") {
            return Error::invalid(name, NO_TIME);
        }
        match (integer("minimum"), integer("maximum")) {
            (Some(least), Some(most)) => {
                let wrong = error.message().split(", expected").next().unwrap_or_default();
                Error::invalid(name, format!("{wrong}; it is an integer from {least} to {most}"))
            }
            _ => error,
        }
    }
}

/// The first member of this name in a schema, or in those that it is composed of.
fn find<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let composed = ["anyOf", "allOf", "oneOf"].into_iter().filter_map(|word| schema.get(word));
    let parts = composed.filter_map(Value::as_array).flatten();
    schema.get(name).or_else(|| parts.into_iter().find_map(|part| find(part, name)))
}
