//! A body that fits the schema of a request: every member that has to be there, with a value that
//! makes sense.

use serde_json::{Map, Value, json};

use super::sample;
use crate::failure::{Failure, Result};

/// The body of the request `method` `path` in `openapi`, if it takes one.
pub fn of(method: &str, path: &str, openapi: &Value) -> Result<Option<Value>> {
    let schema = operation(method, path, openapi)
        .and_then(|operation| operation.pointer("/requestBody/content/application~1json/schema"));
    schema
        .map(|schema| value("the body", schema, openapi))
        .transpose()
        .map_err(|failure| Failure::Wrong(format!("{method} {path}: {failure}")))
}

/// A value for the path parameter `name` of the request `method` `path` in `openapi`.
pub fn parameter(name: &str, method: &str, path: &str, openapi: &Value) -> Result<String> {
    let of_path = |parameter: &&Value| {
        parameter.get("in") == Some(&json!("path")) && parameter.get("name") == Some(&json!(name))
    };
    let schema = operation(method, path, openapi)
        .and_then(|operation| operation.get("parameters")?.as_array()?.iter().find(of_path))
        .and_then(|parameter| parameter.get("schema"));
    let value = value(name, schema.unwrap_or(&Value::Null), openapi)?;
    value.as_str().map(str::to_owned).ok_or_else(|| {
        Failure::Wrong(format!("{method} {path}: the example of `{name}` is not a string"))
    })
}

fn operation<'a>(method: &str, path: &str, openapi: &'a Value) -> Option<&'a Value> {
    openapi.get("paths")?.get(path)?.get(method.to_ascii_lowercase())
}

/// A value for the member `name`: the example of its schema, what `sample` has under its name, or
/// what its type says.
fn value(name: &str, schema: &Value, openapi: &Value) -> Result<Value> {
    if let Some(known) = example(schema).or_else(|| sample::member(name)) {
        return Ok(known);
    }
    if let Some(target) = target(schema, openapi) {
        return value(name, target, openapi);
    }
    match kind(schema) {
        "object" => members(schema, openapi),
        "array" => items(name, schema, openapi),
        "boolean" => Ok(json!(false)),
        "integer" | "number" => Ok(schema.get("minimum").cloned().unwrap_or(json!(1))),
        _ => Err(Failure::Wrong(format!(
            "no example for `{name}`; add one to its schema, or to infra/xtask/src/events/sample.rs"
        ))),
    }
}

/// What the schema itself says is a good value.
fn example(schema: &Value) -> Option<Value> {
    let first = |key| schema.get(key)?.as_array()?.first();
    schema
        .get("const")
        .or_else(|| schema.get("example"))
        .or_else(|| first("examples"))
        .or_else(|| first("enum"))
        .cloned()
}

/// The schema that this one stands for: the one it refers to, or its first alternative.
fn target<'a>(schema: &'a Value, openapi: &'a Value) -> Option<&'a Value> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return openapi.pointer(reference.strip_prefix('#')?);
    }
    ["oneOf", "anyOf"].into_iter().find_map(|key| schema.get(key)?.as_array()?.first())
}

/// The type of a schema; the first one, if it has several.
fn kind(schema: &Value) -> &str {
    let kind = schema.get("type");
    kind.and_then(|kind| kind.as_str().or_else(|| kind.as_array()?.first()?.as_str()))
        .unwrap_or_default()
}

/// An object with the members that have to be there.
fn members(schema: &Value, openapi: &Value) -> Result<Value> {
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let members = required.map(|name| {
        let schema = schema.pointer(&format!("/properties/{name}")).unwrap_or(&Value::Null);
        Ok((name.to_owned(), value(name, schema, openapi)?))
    });
    members.collect::<Result<Map<_, _>>>().map(Value::Object)
}

/// An array with one item.
fn items(name: &str, schema: &Value, openapi: &Value) -> Result<Value> {
    Ok(json!([value(name, schema.get("items").unwrap_or(&Value::Null), openapi)?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document with one operation, whose body has `schema`.
    fn document(schema: &Value) -> Value {
        json!({
            "paths": { "/v1/releases": { "post": { "requestBody": { "content": { "application/json": { "schema": schema } } } } } },
            "components": { "schemas": { "Mode": { "type": "string", "enum": ["fast", "slow"] } } },
        })
    }

    #[test]
    fn the_body_has_what_is_required_and_nothing_else() {
        let schema = json!({
            "type": "object",
            "required": ["mode", "count", "tags", "product_id"],
            "properties": {
                "mode": { "$ref": "#/components/schemas/Mode" },
                "count": { "type": "integer", "minimum": 3 },
                "tags": { "type": "array", "items": { "type": "string", "examples": ["new"] } },
                "product_id": { "type": "string", "pattern": "^prod_" },
                "note": { "type": "string" },
            },
        });
        let body = of("POST", "/v1/releases", &document(&schema)).unwrap().unwrap();
        assert_eq!(
            body,
            json!({ "mode": "fast", "count": 3, "tags": ["new"], "product_id": "prod_xyz789" })
        );
    }

    #[test]
    fn a_member_that_nobody_has_an_example_for_is_named() {
        let schema = json!({ "type": "object", "required": ["odd"], "properties": { "odd": { "type": "string" } } });
        let failure = of("POST", "/v1/releases", &document(&schema)).unwrap_err();
        assert!(
            failure.to_string().starts_with("POST /v1/releases: no example for `odd`"),
            "{failure}"
        );
    }

    #[test]
    fn an_operation_without_a_body_has_none() {
        assert_eq!(of("GET", "/v1/releases", &document(&Value::Null)).unwrap(), None);
    }
}
