//! Decoding of query strings and paths: serde's errors become refusals that name the very field.

use serde::Deserializer;
use serde::de::DeserializeOwned;
use slipway_domain::json::{in_json_words, refusal};
use slipway_domain::{Error, Result};

/// Reads a query string in which each name stands once.
///
/// # Errors
/// `unknown_field` and `invalid_field` with the name of the parameter that is wrong.
pub(crate) fn query<T: DeserializeOwned>(query: &str) -> Result<T> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|error| {
        let path = error.path().to_string();
        refusal(&path, &error.into_inner().to_string())
    })
}

/// Reads texts by place or by name, such as the parameters of a path. `name` tells the parameter
/// that is at a path of the type.
///
/// # Errors
/// `invalid_field` with the name of the parameter that is wrong.
pub(crate) fn texts<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    texts: D,
    name: impl Fn(&str) -> String,
) -> Result<T> {
    serde_path_to_error::deserialize(texts).map_err(|error| {
        let name = name(&error.path().to_string());
        Error::invalid(name, in_json_words(&error.into_inner().to_string()))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::query;

    #[test]
    fn parameters_of_a_query_are_refused_in_json_words() {
        let refused = query::<BTreeMap<String, u8>>("a=256").unwrap_err();
        assert_eq!((refused.field(), refused.message()), (Some("a"), "the number is too large"));
        let refused = query::<BTreeMap<String, bool>>("a=yes").unwrap_err();
        assert_eq!(refused.message(), "neither `true` nor `false`");
    }
}
