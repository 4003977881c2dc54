//! serde's messages in the words of JSON: whoever calls the API knows no `usize` and no `struct`.

/// How many characters of a wrong value are repeated.
const MAX_SHOWN: usize = 64;
/// What is said of a text that is no time.
pub const NO_TIME: &str =
    "no time of RFC 3339, such as `2026-01-15T12:00:00Z`, before the end of the year 9999";

/// What the message says in the words of JSON, if it is one of serde's or of the standard library's
/// parsers. Messages of our own types stay as they are.
#[must_use]
pub fn in_json_words(message: &str) -> String {
    let (fault, expected) = match message.rsplit_once(", expected ") {
        Some((fault, expected)) => (fault, Some(expected)),
        None => (message, None),
    };
    let Some(fault) = fault_in_json_words(fault) else { return message.to_owned() };
    match expected {
        Some(expected) => format!("{fault}, expected {}", expectation_in_json_words(expected)),
        None => fault,
    }
}

/// What was found. `None` for a message that is none of serde's.
fn fault_in_json_words(fault: &str) -> Option<String> {
    if let Some(found) = fault.strip_prefix("invalid type: ") {
        return Some(format!("invalid type: {}", found_in_json_words(found)));
    }
    if let Some(found) = fault.strip_prefix("invalid value: ") {
        return Some(format!("invalid value: {}", found_in_json_words(found)));
    }
    if let Some(value) = fault.strip_prefix("unknown variant ") {
        return Some(format!("unknown value {}", shortened(value)));
    }
    if fault.starts_with("invalid length ") {
        return Some(fault.to_owned());
    }
    if fault.starts_with("data did not match any variant of untagged enum ") {
        return Some("none of the forms that this value can have".to_owned());
    }
    parser_fault_in_json_words(fault).map(str::to_owned)
}

/// A quoted value, of which as much is repeated as tells which it is.
fn shortened(quoted: &str) -> String {
    match quoted.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…`", quoted.get(..end).unwrap_or_default()),
        None => quoted.to_owned(),
    }
}

/// What the standard library says of a text in a query string.
fn parser_fault_in_json_words(fault: &str) -> Option<&'static str> {
    Some(match fault {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "not an integer, or one below 0"
        }
        "number too large to fit in target type" => "the number is too large",
        "number too small to fit in target type" => "the number is too small",
        "number would be zero for non-zero type" => "the number has to be 1 or more",
        "invalid float literal" | "cannot parse float from empty string" => "not a number",
        "provided string was not `true` or `false`" => "neither `true` nor `false`",
        _ => return None,
    })
}

/// A value, as serde describes what it has found.
fn found_in_json_words(found: &str) -> String {
    match found {
        "map" => "object".to_owned(),
        "sequence" => "array".to_owned(),
        "unit value" | "Option value" => "null".to_owned(),
        "byte array" => "bytes".to_owned(),
        "newtype struct" | "enum" => "value".to_owned(),
        _ if found.ends_with(" variant") => "value".to_owned(),
        _ => match found.strip_prefix("floating point ") {
            Some(number) => format!("number {number}"),
            None => found.to_owned(),
        },
    }
}

/// What a type expects, as serde's visitors say it.
fn expectation_in_json_words(expected: &str) -> String {
    let integer = expected.strip_prefix("a nonzero ").map(|name| (name, 1)).or(Some((expected, 0)));
    if let Some(range) = integer.and_then(|(name, least)| integer_range(name, least)) {
        return range;
    }
    let first = expected.split(' ').next().unwrap_or_default();
    match (expected, first) {
        ("f32" | "f64", _) => "a number".to_owned(),
        ("a sequence", _) => "an array".to_owned(),
        ("a borrowed string" | "variant identifier" | "field identifier", _) => {
            "a string".to_owned()
        }
        ("string or map", _) => "a string or an object".to_owned(),
        ("a character", _) => "a string of one character".to_owned(),
        ("unit" | "option", _) | (_, "unit") => "null".to_owned(),
        ("a map", _) | (_, "struct" | "internally" | "adjacently") => "an object".to_owned(),
        (_, "enum") => "a string or an object".to_owned(),
        (_, "tuple") => array_of(expected),
        _ if expected.starts_with("a tuple ") => array_of(expected),
        _ => expected.to_owned(),
    }
}

/// The integers of Rust's type `name` from `least` on. JSON's are exact up to 2^53 - 1, so that no
/// larger bound means anything.
fn integer_range(name: &str, least: u8) -> Option<String> {
    let unsigned = |most: u32| format!("an integer from {least} to {most}");
    Some(match name {
        "u8" => unsigned(u8::MAX.into()),
        "u16" => unsigned(u16::MAX.into()),
        "u32" => unsigned(u32::MAX),
        "u64" | "u128" | "usize" => format!("an integer, {least} or more"),
        "i8" => format!("an integer from {} to {}", i8::MIN, i8::MAX),
        "i16" => format!("an integer from {} to {}", i16::MIN, i16::MAX),
        "i32" => format!("an integer from {} to {}", i32::MIN, i32::MAX),
        "i64" | "i128" | "isize" => "an integer".to_owned(),
        _ => return None,
    })
}

/// An array, with the number of its elements, which is the only number that `expected` has.
fn array_of(expected: &str) -> String {
    match expected.split(' ').find(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(length) => format!("an array of length {length}"),
        None => "an array".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::num::{NonZeroU8, NonZeroU64};

    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::super::from_slice;
    use super::in_json_words;

    /// Every value that JSON has, and integers that are too small and too large.
    const VALUES: [&str; 12] = [
        "null",
        "true",
        "0",
        "-1",
        "300",
        "18446744073709551615",
        "1.5",
        r#""36""#,
        "[]",
        "[1]",
        "{}",
        r#"{"a":1,"b":2}"#,
    ];

    /// Words of Rust and of serde that JSON has no meaning for.
    const WORDS: [&str; 31] = [
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "usize",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "isize",
        "f32",
        "f64",
        "bool",
        "str",
        "char",
        "struct",
        "enum",
        "tuple",
        "variant",
        "newtype",
        "map",
        "sequence",
        "unit",
        "option",
        "Option",
        "identifier",
        "floating",
        "nonzero",
        "untagged",
    ];

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Object {
        a: u8,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Pair(u8, u8);

    #[derive(Debug, Deserialize)]
    struct Nothing;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only errors are looked at")]
    enum Tagged {
        One,
        Two(u8),
        Three { a: u8 },
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only errors are looked at")]
    enum Untagged {
        Text(String),
        Object(Object),
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "type")]
    #[expect(dead_code, reason = "only errors are looked at")]
    enum Internal {
        A { a: u8 },
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "type", content = "value")]
    #[expect(dead_code, reason = "only errors are looked at")]
    enum Adjacent {
        A(u8),
    }

    #[track_caller]
    fn says_it_in_json_words(message: &str) {
        // What stands in quotes is the caller's own.
        let unquoted: String = message.split(['`', '"']).step_by(2).collect::<Vec<_>>().join(" ");
        let mut words = unquoted.split(|c: char| !c.is_ascii_alphanumeric());
        assert_eq!(words.find(|word| WORDS.contains(word)), None, "{message}");
    }

    fn refusals<T: DeserializeOwned>() -> Vec<String> {
        let refusal = |value: &str| from_slice::<T>(value.as_bytes()).err();
        VALUES.into_iter().filter_map(refusal).map(|error| error.message().to_owned()).collect()
    }

    fn all<T: DeserializeOwned>() {
        let refusals = refusals::<T>();
        assert!(!refusals.is_empty());
        for message in &refusals {
            says_it_in_json_words(message);
        }
    }

    #[test]
    fn no_refusal_of_any_type_has_a_word_of_rust() {
        all::<u8>();
        all::<u16>();
        all::<u32>();
        all::<u64>();
        all::<usize>();
        all::<i8>();
        all::<i16>();
        all::<i32>();
        all::<i64>();
        all::<isize>();
        all::<f64>();
        all::<bool>();
        all::<char>();
        all::<String>();
        all::<NonZeroU8>();
        all::<NonZeroU64>();
        all::<()>();
        all::<(u8, u8)>();
        all::<[u8; 3]>();
        all::<Vec<u8>>();
        all::<BTreeMap<String, u8>>();
        all::<Option<u8>>();
        all::<Object>();
        all::<Pair>();
        all::<Nothing>();
        all::<Tagged>();
        all::<Untagged>();
        all::<Internal>();
        all::<Adjacent>();
        for value in [r#"{"Two":"a"}"#, r#"{"Three":[]}"#, r#"{"Three":7}"#, r#"{"One":7}"#] {
            says_it_in_json_words(from_slice::<Tagged>(value.as_bytes()).unwrap_err().message());
        }
    }

    #[test]
    fn a_refusal_says_what_was_found_and_what_would_be_right() {
        for (message, expected) in [
            (
                from_slice::<usize>(b"\"36\""),
                "invalid type: string \"36\", expected an integer, 0 or more",
            ),
            (
                from_slice::<usize>(b"-1"),
                "invalid value: integer `-1`, expected an integer, 0 or more",
            ),
            (
                from_slice::<usize>(b"1.5"),
                "invalid type: number `1.5`, expected an integer, 0 or more",
            ),
        ] {
            assert_eq!(message.unwrap_err().message(), expected);
        }
        let one = |value: &[u8]| from_slice::<u16>(value).unwrap_err().message().to_owned();
        assert_eq!(one(b"{}"), "invalid type: object, expected an integer from 0 to 65535");
        let named = from_slice::<Object>(b"7").unwrap_err();
        assert_eq!(named.message(), "invalid type: integer `7`, expected an object");
        let unknown = from_slice::<Tagged>(b"\"Four\"").unwrap_err();
        let expected = "unknown value `Four`, expected one of `One`, `Two`, `Three`";
        assert_eq!(unknown.message(), expected);
    }

    #[test]
    fn a_text_of_the_caller_is_shown_as_it_came() {
        let refused = from_slice::<u8>(br#""x, expected usize""#).unwrap_err();
        let expected =
            "invalid type: string \"x, expected usize\", expected an integer from 0 to 255";
        assert_eq!(refused.message(), expected);
    }

    #[test]
    fn what_the_parsers_of_a_query_say_is_said_in_the_same_words() {
        for text in ["x", "-1", "", "1.5", "256", "99999999999999999999"] {
            let said = in_json_words(&text.parse::<u8>().unwrap_err().to_string());
            says_it_in_json_words(&said);
            assert!(!said.contains("target type") && !said.contains("digit"), "{said}");
        }
        let said = in_json_words(&"yes".parse::<bool>().unwrap_err().to_string());
        assert_eq!(said, "neither `true` nor `false`");
    }
}
