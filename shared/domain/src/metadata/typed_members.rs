//! The members of metadata that clients act on, and their forms. All others are the vendor's own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::os_version::OsRequirement;
use crate::i_json::JsonObject;
use crate::{Error, Result};

/// A member with a form.
struct TypedMember {
    name: &'static str,
    rule: &'static str,
    has_form: fn(&Value) -> bool,
}

const TYPED_MEMBERS: [TypedMember; 4] = [
    TypedMember {
        name: "release_notes",
        rule: "a text, or an object of texts by language tag, as in {\"en\": \"Faster.\", \"pt-BR\": \"...\"}",
        has_form: are_release_notes,
    },
    TypedMember {
        name: "min_os_version",
        rule: "one to four numbers, as in \"10.0.19041\", with or without a platform in front (\"Windows 10\"), or an object of them by platform",
        has_form: |value| OsRequirement::parse(value).is_some(),
    },
    TypedMember { name: "critical", rule: "true or false", has_form: Value::is_boolean },
    TypedMember {
        name: "support_until",
        rule: "a date of RFC 3339, as in \"2027-12-31\"",
        has_form: is_date,
    },
];

/// Checks the form of the members that have one.
///
/// # Errors
/// `invalid_field`, with the member and its form.
pub(super) fn check(metadata: &JsonObject) -> Result<()> {
    for TypedMember { name, rule, has_form } in TYPED_MEMBERS {
        if metadata.get(name).is_some_and(|value| !has_form(value)) {
            return Err(Error::invalid(format!("metadata.{name}"), format!("this is {rule}")));
        }
    }
    Ok(())
}

fn are_release_notes(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Object(texts) => {
            !texts.is_empty()
                && texts
                    .iter()
                    .all(|(language, text)| is_language_tag(language) && text.is_string())
        }
        _ => false,
    }
}

/// Whether `text` has the form of a language tag (RFC 5646): subtags of letters and digits, of which
/// the first is two to eight letters.
fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let is_language = |first: &str| {
        (2..=8).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let is_subtag = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    subtags.next().is_some_and(is_language) && subtags.all(is_subtag)
}

/// Whether `value` is a `full-date` of RFC 3339.
fn is_date(value: &Value) -> bool {
    let is_date = |text: &str| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
    value.as_str().is_some_and(is_date)
}

/// Metadata as requests have it. Only its schema is used.
#[derive(Debug)]
pub enum TypedMetadata {}

impl JsonSchema for TypedMetadata {
    fn schema_name() -> Cow<'static, str> {
        "ReleaseMetadata".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let texts = |description: &str| {
            json_schema!({ "description": description, "oneOf": [
            { "type": "string" },
            { "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } },
        ] })
        };
        json_schema!({
            "description": "Metadata of a release, passed on to clients: at most 16 KiB of I-JSON (RFC 7493). No member stands\ntwice in an object, and numbers are within ±9007199254740991: write others as strings. The members here have a form, because clients\nact on them; all others are free.",
            "type": "object",
            "properties": {
                "release_notes": texts("Release notes: a text, or texts by language tag (BCP 47)."),
                "min_os_version": texts("Oldest operating system that the release runs on: one to four numbers, such as `10.0.19041`, with or\nwithout a platform in front, such as `Windows 10`; or such numbers by platform. A client that says its `os_version` is not\noffered a release that needs a newer one."),
                "critical": { "type": "boolean", "description": "Whether clients should not put the release off." },
                "support_until": { "type": "string", "format": "date", "description": "Last day of support, RFC 3339." },
            },
            "additionalProperties": true,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(metadata: &Value) -> Option<String> {
        let error = check(metadata.as_object().unwrap()).err()?;
        Some(error.field().unwrap().to_owned())
    }

    #[test]
    fn members_that_clients_act_on_have_a_form_and_all_others_are_free() {
        for metadata in [
            json!({}),
            json!({ "release_notes": "", "critical": false, "support_until": "2028-02-29" }),
            json!({ "release_notes": { "en": "a", "zh-Hant-TW": "b", "de-1996": "c" } }),
            json!({ "min_os_version": "Windows 10" }),
            json!({ "notes": null, "Critical": 7, "support": { "until": [] } }),
        ] {
            assert_eq!(refused(&metadata), None, "{metadata}");
        }
        for (member, values) in [
            (
                "release_notes",
                vec![
                    json!(null),
                    json!(1),
                    json!({}),
                    json!(["a"]),
                    json!({ "en": 1 }),
                    json!({ "e": "a" }),
                    json!({ "en_US": "a" }),
                ],
            ),
            ("min_os_version", vec![json!(null), json!(10), json!("Vista")]),
            ("critical", vec![json!(null), json!("true"), json!(1)]),
            (
                "support_until",
                vec![
                    json!(null),
                    json!("2027-02-29"),
                    json!("20270228"),
                    json!("2027-02-28T00:00:00Z"),
                    json!(2027),
                ],
            ),
        ] {
            for value in values {
                let metadata = json!({ member: value });
                assert_eq!(refused(&metadata), Some(format!("metadata.{member}")), "{metadata}");
            }
        }
    }
}
