//! What the JSON Schema of an input says: looked at where a request is wrong, so that the refusal
//! says what would be right.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

/// The schema of `T`, whole: without references, as far as it is not recursive.
pub(super) fn whole<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::default().with(|some| some.inline_subschemas = true);
    T::json_schema(&mut SchemaGenerator::new(settings)).into()
}

/// The schemas that a schema is composed of, if it is composed.
pub(super) fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let composed = ["anyOf", "allOf", "oneOf"].into_iter().filter_map(|word| schema.get(word));
    composed.filter_map(Value::as_array).flatten()
}

/// The first member of this name in a schema, or in those that it is composed of.
pub(super) fn find<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get(name).or_else(|| parts(schema).find_map(|part| find(part, name)))
}

/// Whether it is the schema of a time.
pub(super) fn is_time(schema: &Value) -> bool {
    find(schema, "format").is_some_and(|format| format == "date-time")
}

/// The integers that a schema allows, and what is said of them; `None` for a schema of something
/// else, or without a least one.
pub(super) fn integers(schema: &Value) -> Option<(i64, Option<i64>, String)> {
    let is_integer = |kind: &Value| {
        kind == "integer" || kind.as_array().is_some_and(|kinds| kinds.contains(&"integer".into()))
    };
    if !find(schema, "type").is_some_and(is_integer) {
        return None;
    }
    let bound = |name| find(schema, name).and_then(Value::as_i64);
    let (least, most) = (bound("minimum")?, bound("maximum"));
    let words = match most {
        Some(most) => format!("an integer from {least} to {most}"),
        None => format!("an integer, {least} or more"),
    };
    Some((least, most, words))
}
