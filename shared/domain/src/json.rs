//! Reading JSON that others wrote: serde's errors become refusals that name the very field.

pub mod sets;
mod strict_members;
mod strict_objects;
mod words;

use serde::de::{DeserializeOwned, IgnoredAny};

use self::strict_members::TWICE;
use self::strict_objects::StrictObjects;
pub use self::words::{NO_TIME, in_json_words};
use crate::{Code, Error};

/// What some editors and shells put in front of UTF-8. RFC 8259, section 8.1, lets a parser ignore
/// it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The deepest nesting of a document.
const MAX_DEPTH: usize = 64;

/// What is said of a member that is missing.
const NEEDED: &str = "this field is needed";

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonCode {
    /// It is not JSON, or is nested deeper than 64 levels.
    Malformed,
    /// It is JSON, but not what was expected: `unknown_field` or `invalid_field`.
    Domain(Code),
}

/// Reads a JSON document of at most 64 levels. An object is read from an object alone, never from an
/// array of its members.
///
/// # Errors
/// [`JsonCode`], with the path of the value that is wrong.
pub fn from_slice<T: DeserializeOwned>(document: &[u8]) -> Result<T, Error<JsonCode>> {
    let document = document.strip_prefix(BYTE_ORDER_MARK).unwrap_or(document);
    if depth(document) > MAX_DEPTH {
        let message = format!("the body is nested deeper than {MAX_DEPTH} levels");
        return Err(Error::new(JsonCode::Malformed, message));
    }
    let mut reader = serde_json::Deserializer::from_slice(document);
    let value = serde_path_to_error::deserialize(StrictObjects(&mut reader)).map_err(|error| {
        let path = error.path().to_string();
        unreadable(document, &path, &error.into_inner())
    })?;
    reader.end().map_err(|error| unreadable(document, ".", &error))?;
    Ok(value)
}

fn unreadable(document: &[u8], path: &str, error: &serde_json::Error) -> Error<JsonCode> {
    // Where a name was not read to its end, serde_path_to_error writes `?` for it.
    let known = path.trim_end_matches('?').trim_end_matches('.');
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if error.is_data() {
        return refusal(path, text).map_code(JsonCode::Domain);
    }
    // serde_json says so of a number in the place of one of several words.
    if text == "expected value" && serde_json::from_slice::<IgnoredAny>(document).is_ok() {
        let message = "expected a string, one of those that are documented";
        return refusal(known, message).map_code(JsonCode::Domain);
    }
    let error = Error::new(JsonCode::Malformed, format!("the body is not JSON: {error}"));
    if known.is_empty() { error } else { error.at(known) }
}

/// Turns serde's message about the value at `path` into a refusal that names the very field:
/// `unknown_field` or `invalid_field`.
#[must_use]
pub fn refusal(path: &str, message: &str) -> Error {
    let named = |prefix: &str| message.strip_prefix(prefix)?.split('`').next();
    let parent = if path == "." { "" } else { path };
    if let Some(field) = named("unknown field `") {
        // serde_path_to_error counts the unknown field into the path, or not, by where it was met.
        let parent = parent.strip_suffix(field).map_or(parent, |rest| rest.trim_end_matches('.'));
        return Error::new(Code::UnknownField, message).at(join(parent, field));
    }
    if let Some(field) = named(TWICE) {
        // Its name was read, but not yet taken, so that the path ends before it.
        let parent = parent.trim_end_matches('?').trim_end_matches('.');
        return Error::invalid(join(parent, field), message);
    }
    if let Some(field) = named("missing field `") {
        return Error::invalid(join(parent, field), NEEDED);
    }
    let message = in_json_words(message);
    if parent.is_empty() {
        Error::new(Code::InvalidField, message)
    } else {
        Error::invalid(parent, message)
    }
}

/// Whether `message`, of a [`refusal`] of a field, is about its value, rather than about its being
/// there once.
#[must_use]
pub fn is_of_value(message: &str) -> bool {
    message != NEEDED && !message.starts_with(TWICE)
}

fn join(parent: &str, field: &str) -> String {
    if parent.is_empty() { field.to_owned() } else { format!("{parent}.{field}") }
}

/// How deep brackets are nested outside of strings.
fn depth(document: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in document {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    const MALFORMED: JsonCode = JsonCode::Malformed;
    const UNKNOWN: JsonCode = JsonCode::Domain(Code::UnknownField);
    const INVALID: JsonCode = JsonCode::Domain(Code::InvalidField);

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Outer {
        name: String,
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Inner {
        size: u64,
    }

    #[test]
    fn every_refusal_names_its_field() {
        for (body, code, field) in [
            (r#"{"name":"a","inner":[{"size":1,"colour":2}]}"#, UNKNOWN, Some("inner[0].colour")),
            (r#"{"name":"a","inner":[],"x":1}"#, UNKNOWN, Some("x")),
            (r#"{"name":"a","inner":[{}]}"#, INVALID, Some("inner[0].size")),
            (r#"{"inner":[]}"#, INVALID, Some("name")),
            (r#"{"name":1,"inner":[]}"#, INVALID, Some("name")),
            (r#"{"name":"a","inner":[{"size":-1}]}"#, INVALID, Some("inner[0].size")),
            (r"[]", INVALID, None),
            (r#"{"name":"a","inner":[{"size":1]}"#, MALFORMED, Some("inner[0]")),
            (r#"{"name":"a","inner":[]} x"#, MALFORMED, None),
            (r"{", MALFORMED, None),
            (r#"{"name":"a","inner":[{"#, MALFORMED, Some("inner[0]")),
        ] {
            let error = from_slice::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, field), "{body}: {error}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        let marked: Value = from_slice(b"\xef\xbb\xbf{\"a\":1}").unwrap();
        assert_eq!(marked["a"], 1);
        assert!(from_slice::<Value>(b"\xef\xbb{}").is_err());
    }

    #[test]
    fn nesting_ends_at_64_and_brackets_in_strings_do_not_count() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(from_slice::<Value>(nested(64).as_bytes()).is_ok());
        assert_eq!(from_slice::<Value>(nested(65).as_bytes()).unwrap_err().code(), MALFORMED);
        assert_eq!(depth(br#"["[[[\"[[", {}]"#), 2);
    }
}
