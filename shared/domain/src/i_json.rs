//! I-JSON (RFC 7493): JSON that means the same to every parser. What is signed is compared in
//! canonical form, and two documents must not have one form: no member stands twice, and no number
//! is one that a double can't hold exactly.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The largest integer that every JSON parser reads exactly: 2^53 - 1.
pub const MAX_EXACT_INTEGER: u64 = (1 << 53) - 1;

/// A JSON object.
pub type JsonObject = Map<String, Value>;

/// A JSON value that is I-JSON. Deserializing anything else fails, with what is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct IJson(pub Value);

/// Reads a document that is I-JSON.
///
/// # Errors
/// What is wrong with it, and where.
pub fn from_slice(document: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(document).map(|IJson(value)| value)
}

impl<'de> Deserialize<'de> for IJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IJsonVisitor).map(Self)
    }
}

struct IJsonVisitor;

impl<'de> Visitor<'de> for IJsonVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value > MAX_EXACT_INTEGER { Err(inexact(value)) } else { Ok(value.into()) }
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > MAX_EXACT_INTEGER {
            Err(inexact(value))
        } else {
            Ok(value.into())
        }
    }

    /// A number with a fraction or an exponent, or an integer beyond 64 bits.
    #[expect(clippy::cast_precision_loss, reason = "it is the largest integer that is exact")]
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        if value.abs() > MAX_EXACT_INTEGER as f64 {
            return Err(inexact(value));
        }
        if value == 0.0 && value.is_sign_negative() {
            return Err(E::custom("-0 is 0 to other parsers; write 0"));
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| inexact(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        checked(value.to_owned()).map(Value::String)
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        checked(value).map(Value::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(IJson(value)) = elements.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = JsonObject::new();
        while let Some(name) = members.next_key()? {
            let name = checked::<A::Error>(name)?;
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member `{name}` stands twice")));
            }
            let IJson(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

fn inexact<E: serde::de::Error>(number: impl fmt::Display) -> E {
    E::custom(format_args!(
        "{number} is beyond {MAX_EXACT_INTEGER}, up to which every JSON parser is exact; write it as a string"
    ))
}

/// A text without noncharacters, which RFC 7493, section 2.1, rules out.
fn checked<E: serde::de::Error>(text: String) -> Result<String, E> {
    let is_noncharacter =
        |c: char| matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    match text.chars().find(|c| is_noncharacter(*c)) {
        Some(c) => Err(E::custom(format_args!(
            "U+{:04X} is a noncharacter of Unicode, which texts can't have",
            u32::from(c)
        ))),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(document: &str) -> String {
        from_slice(document.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn numbers_are_those_that_a_double_holds() {
        let exact = "[9007199254740991,-9007199254740991,0,0.1,1e-7,5e-324,9.007199254740991e15]";
        assert!(from_slice(exact.as_bytes()).is_ok());
        for number in [
            "9007199254740992",
            "9007199254740993",
            "9007199254740993.0",
            "-9007199254740992",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775809",
            "1e16",
            "1e300",
        ] {
            for document in [number.to_owned(), format!(r#"{{"a":[{{"b":{number}}}]}}"#)] {
                assert!(refusal(&document).contains("write it as a string"), "{document}");
            }
        }
        assert!(refusal("-0").contains("write 0"));
        assert!(refusal("[-0.0]").contains("write 0"));
        // Beyond a double: no parser of ours takes it for infinity.
        assert!(from_slice(b"1e400").is_err());
    }

    #[test]
    fn a_member_stands_once_however_its_name_is_written() {
        for document in [r#"{"a":1,"a":1}"#, r#"[{"x":{"a":1,"\u0061":2}}]"#] {
            assert!(refusal(document).contains("the member `a` stands twice"), "{document}");
        }
        assert!(from_slice(br#"{"a":{"a":1},"A":2}"#).is_ok());
    }

    #[test]
    fn texts_are_of_characters() {
        for document in [r#""\uffff""#, r#"{"\ufdd0":1}"#, r#""\ud83f\udfff""#] {
            assert!(refusal(document).contains("noncharacter"), "{document}");
        }
        assert!(from_slice(br#""\ud800""#).is_err());
        let text = from_slice(r#""\ufffd\ud83d\ude00\u0000""#.as_bytes()).unwrap();
        assert_eq!(text, "\u{fffd}\u{1f600}\0");
    }
}
