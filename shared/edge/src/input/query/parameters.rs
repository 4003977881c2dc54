//! What is known of an operation's query parameters from their schemas: looked at where a request
//! is wrong, so that the refusal says what would be right.

use schemars::JsonSchema;
use serde_json::Value;
use slipway_domain::json::NO_TIME;
use slipway_domain::{Code, Error, Result};

use crate::input::schema::{find, integers, is_time, whole};

/// The member of a parameter's schema that says what separates the values of a list.
const SEPARATOR: &str = "x-slipway-separator";

/// The schemas of an operation's query parameters, by name.
pub(super) struct Parameters(Value);

impl Parameters {
    /// Those of the struct `T`.
    pub(super) fn of<T: JsonSchema>() -> Self {
        Self(whole::<T>().get_mut("properties").map(Value::take).unwrap_or_default())
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
        if is_time(schema) {
            return Error::invalid(name, NO_TIME);
        }
        match integers(schema) {
            Some((_, _, words)) => {
                let wrong = error.message().split(", expected").next().unwrap_or_default();
                Error::invalid(name, format!("{wrong}; it is {words}"))
            }
            None => error,
        }
    }
}
