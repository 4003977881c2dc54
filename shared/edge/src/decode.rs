//! Decoding of bodies and query strings: serde's errors become refusals that name the very field.

mod json_words;
mod strict_objects;

use serde::Deserializer;
use serde::de::{DeserializeOwned, IgnoredAny};
use slipway_domain::{Code, Error, Result};

use self::strict_objects::StrictObjects;
use crate::error::{HttpCode, RequestError};

/// What some editors and shells put in front of UTF-8. RFC 8259, section 8.1, lets a parser ignore
/// it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The deepest nesting of a JSON body.
const MAX_DEPTH: usize = 64;

/// Reads a JSON document.
///
/// # Errors
/// `malformed_json` for anything but JSON of at most 64 levels; `unknown_field` and `invalid_field`
/// with the path of the value that is wrong.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, RequestError> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    if depth(body) > MAX_DEPTH {
        let message = format!("the body is nested deeper than {MAX_DEPTH} levels");
        return Err(Error::new(HttpCode::MalformedJson, message).into());
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(StrictObjects(&mut reader)).map_err(|error| {
        let path = error.path().to_string();
        unreadable(body, &path, &error.into_inner())
    })?;
    reader.end().map_err(|error| unreadable(body, ".", &error))?;
    Ok(value)
}

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
        Error::invalid(name, json_words::in_json_words(&error.into_inner().to_string()))
    })
}

fn unreadable(body: &[u8], path: &str, error: &serde_json::Error) -> RequestError {
    // Where a name was not read to its end, serde_path_to_error writes `?` for it.
    let known = path.trim_end_matches('?').trim_end_matches('.');
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    if error.is_data() {
        return refusal(path, text).into();
    }
    // serde_json says so of a number in the place of one of several words.
    if text == "expected value" && serde_json::from_slice::<IgnoredAny>(body).is_ok() {
        return refusal(known, "expected a string, one of those that are documented").into();
    }
    let error = Error::new(HttpCode::MalformedJson, format!("the body is not JSON: {error}"));
    let path = known;
    if path.is_empty() { error.into() } else { error.at(path).into() }
}

/// Turns serde's message about the value at `path` into a refusal that names the very field.
fn refusal(path: &str, message: &str) -> Error {
    let named = |prefix: &str| message.strip_prefix(prefix)?.split('`').next();
    let parent = if path == "." { "" } else { path };
    if let Some(field) = named("unknown field `") {
        // serde_path_to_error counts the unknown field into the path, or not, by where it was met.
        let parent = parent.strip_suffix(field).map_or(parent, |rest| rest.trim_end_matches('.'));
        return Error::new(Code::UnknownField, message).at(join(parent, field));
    }
    if let Some(field) = named("missing field `") {
        return Error::invalid(join(parent, field), "this field is needed");
    }
    let message = json_words::in_json_words(message);
    if parent.is_empty() {
        Error::new(Code::InvalidField, message)
    } else {
        Error::invalid(parent, message)
    }
}

fn join(parent: &str, field: &str) -> String {
    if parent.is_empty() { field.to_owned() } else { format!("{parent}.{field}") }
}

/// How deep brackets are nested outside of strings.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
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
    use crate::error::ErrorCode;

    const MALFORMED: ErrorCode = ErrorCode::Http(HttpCode::MalformedJson);
    const UNKNOWN: ErrorCode = ErrorCode::Domain(Code::UnknownField);
    const INVALID: ErrorCode = ErrorCode::Domain(Code::InvalidField);

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
            let error = json::<Outer>(body.as_bytes()).unwrap_err();
            assert_eq!((error.code(), error.field()), (code, field), "{body}: {error}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored() {
        let marked: Value = json(b"\xef\xbb\xbf{\"a\":1}").unwrap();
        assert_eq!(marked["a"], 1);
        assert!(json::<Value>(b"\xef\xbb{}").is_err());
    }

    #[test]
    fn nesting_ends_at_64_and_brackets_in_strings_do_not_count() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(json::<Value>(nested(64).as_bytes()).is_ok());
        assert_eq!(json::<Value>(nested(65).as_bytes()).unwrap_err().code(), MALFORMED);
        assert_eq!(depth(br#"["[[[\"[[", {}]"#), 2);
    }
}
