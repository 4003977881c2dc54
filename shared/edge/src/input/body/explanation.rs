//! What would be right in a body that is refused.

use schemars::JsonSchema;
use serde_json::{Map, Value};
use slipway_domain::json::{JsonCode, NO_TIME, is_of_value};
use slipway_domain::{Code, Error};

use crate::input::schema::{integers, is_time, parts, whole};

const INVALID: JsonCode = JsonCode::Domain(Code::InvalidField);

/// The refusal of `body`, which is no `T`, with what the schema of `T` says.
pub(super) fn explain<T: JsonSchema>(body: &[u8], error: Error<JsonCode>) -> Error<JsonCode> {
    if error.code() == JsonCode::Malformed {
        return error;
    }
    let schema = whole::<T>();
    mixed_forms(&schema, body).or_else(|| right_value(&schema, &error)).unwrap_or(error)
}

/// The refusal of a value that is no integer of its range, or no time.
fn right_value(schema: &Value, error: &Error<JsonCode>) -> Option<Error<JsonCode>> {
    let path = error.field()?;
    let message = error.message();
    if error.code() != INVALID || !is_of_value(message) {
        return None;
    }
    let schema = at(schema, path)?;
    if is_time(schema) {
        return Some(Error::new(INVALID, NO_TIME).at(path));
    }
    let (least, most, words) = integers(schema)?;
    let (found, _) = message.split_once(", expected ")?;
    let form = if is_in_range(found, least, most) {
        ", written without fraction and exponent"
    } else {
        ""
    };
    Some(Error::new(INVALID, format!("{found}, expected {words}{form}")).at(path))
}

/// Whether what was found is an integer of the range, written as no integer is, such as `1e3`.
fn is_in_range(found: &str, least: i64, most: Option<i64>) -> bool {
    let number =
        found.strip_prefix("invalid type: number `").and_then(|rest| rest.strip_suffix('`'));
    let Some(number) = number.and_then(|number| number.parse::<f64>().ok()) else { return false };
    // Both are converted, and exact up to 2^53: beyond, no more than the hint is at stake.
    let bound = |bound: i64| bound.to_string().parse().unwrap_or(f64::MAX);
    number.fract() == 0.0
        && (bound(least)..=most.map_or(f64::MAX, bound)).contains(&number)
        && number <= bound(i64::MAX)
}

/// The refusal of a body that has members of two forms that exclude each other. Without it, what is
/// said depends on which member is wrong first.
fn mixed_forms(schema: &Value, body: &[u8]) -> Option<Error<JsonCode>> {
    let forms: Vec<&Map<String, Value>> =
        parts(schema).filter_map(|form| form.get("properties")?.as_object()).collect();
    if forms.len() < 2 {
        return None;
    }
    let members: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let has_all = |form: &&Map<String, Value>| members.keys().all(|name| form.contains_key(name));
    let is_known = |name: &String| forms.iter().any(|form| form.contains_key(name));
    if forms.iter().any(has_all) || !members.keys().all(is_known) {
        return None;
    }
    let field = forms.first()?.keys().find(|name| members.contains_key(*name))?;
    let names = forms.iter().map(|form| {
        let names: Vec<String> = form.keys().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    });
    let names: Vec<String> = names.collect();
    let message =
        format!("the body mixes two forms: give either {}; not both", names.join(", or "));
    Some(Error::new(INVALID, message).at(field.clone()))
}

/// The schema of the value at `path`, such as `steps[0].percent`.
fn at<'a>(schema: &'a Value, path: &str) -> Option<&'a Value> {
    let mut names = path.split(['.', '[']).filter(|name| !name.is_empty());
    names.try_fold(schema, |schema, name| member(schema, name))
}

/// The schema of a member, or of an element where `name` is its place and `]`.
fn member<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let own = if name.ends_with(']') {
        schema.get("items")
    } else {
        let named = schema.get("properties").and_then(|members| members.get(name));
        let patterned = || schema.get("patternProperties")?.as_object()?.values().next();
        let other = || schema.get("additionalProperties").filter(|other| other.is_object());
        named.or_else(patterned).or_else(other)
    };
    own.or_else(|| parts(schema).find_map(|part| member(part, name)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use slipway_domain::json::from_slice;

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Job {
        #[schemars(range(min = 60, max = 3600))]
        seconds: Option<u32>,
        #[schemars(range(min = 1))]
        bytes: Option<u64>,
        #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
        until: Option<slipway_domain::Timestamp>,
        steps: Option<Vec<Step>>,
        shares: Option<BTreeMap<String, Step>>,
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Step {
        #[schemars(range(min = 0, max = 100))]
        percent: u8,
    }

    fn refusal(body: &str) -> Error<JsonCode> {
        let error = from_slice::<Job>(body.as_bytes()).unwrap_err();
        explain::<Job>(body.as_bytes(), error)
    }

    #[test]
    fn an_integer_is_refused_with_the_range_that_it_has() {
        for (body, field, words) in [
            (r#"{"seconds":-1}"#, "seconds", "integer `-1`, expected an integer from 60 to 3600"),
            (r#"{"seconds":"x"}"#, "seconds", "string \"x\", expected an integer from 60 to 3600"),
            (r#"{"bytes":18446744073709551616}"#, "bytes", "expected an integer, 1 or more"),
            (r#"{"seconds":1e3}"#, "seconds", "3600, written without fraction and exponent"),
            (r#"{"seconds":60.0}"#, "seconds", "3600, written without fraction and exponent"),
            (r#"{"steps":[{"percent":1},{"percent":256}]}"#, "steps[1].percent", "from 0 to 100"),
            (
                r#"{"shares":{"a":{"percent":null}}}"#,
                "shares.a.percent",
                "null, expected an integer from 0 to 100",
            ),
        ] {
            let error = refusal(body);
            assert_eq!((error.code(), error.field()), (INVALID, Some(field)), "{body}");
            assert!(error.message().ends_with(words), "{body}: {error}");
        }
        for body in [r#"{"seconds":1e9}"#, r#"{"seconds":60.5}"#, r#"{"bytes":1e300}"#] {
            assert!(!refusal(body).message().contains("without fraction"), "{body}");
        }
    }

    #[test]
    fn a_time_is_refused_in_the_words_of_times() {
        for time in ["\"x\"", "\"2026-01-15\"", "7", "{}", "\"2026-13-01T00:00:00Z\""] {
            let error = refusal(&format!(r#"{{"until":{time}}}"#));
            assert_eq!((error.message(), error.field()), (NO_TIME, Some("until")), "{time}");
        }
        let twice = r#"{"until":"2026-01-15T12:00:00Z","until":"2026-01-15T12:00:00Z"}"#;
        assert_eq!(refusal(twice).message(), "the member `until` stands twice");
        let needed = refusal(r#"{"steps":[{}]}"#);
        assert_eq!(
            (needed.field(), needed.message()),
            (Some("steps[0].percent"), "this field is needed")
        );
    }

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only errors are looked at")]
    enum OneOfTwo {
        Many { all: Vec<u8> },
        One { id: u8, size: u8 },
    }

    #[test]
    fn a_body_of_two_forms_at_once_is_called_so_whatever_else_is_wrong() {
        let refusal = |body: &str| {
            let error = Error::new(INVALID, "another").at("id");
            explain::<OneOfTwo>(body.as_bytes(), error)
        };
        for body in [r#"{"id":"x","all":[]}"#, r#"{"all":7,"size":1}"#] {
            let error = refusal(body);
            let message = "the body mixes two forms: give either `all`, or `id`, `size`; not both";
            assert_eq!((error.message(), error.field()), (message, Some("all")), "{body}");
        }
        for body in [r#"{"id":"x"}"#, r#"{"all":7}"#, r#"{"all":7,"id":1,"x":1}"#, "[]"] {
            assert_eq!(refusal(body).message(), "another", "{body}");
        }
    }
}
