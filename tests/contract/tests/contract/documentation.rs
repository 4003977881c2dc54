//! The OpenAPI document as its readers see it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sets::openapi;

/// The longest summary that a table of operations shows on one line.
const MAX_SUMMARY: usize = 80;

/// Each path with its operations.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().values().map(move |operation| (path, operation))
    })
}

#[test]
fn every_operation_has_a_short_summary_and_a_description_that_begins_with_it() {
    let document = openapi();
    for (path, operation) in operations(&document) {
        let summary = operation["summary"].as_str().unwrap();
        let description = operation["description"].as_str().unwrap().replace('\n', " ");
        assert!((10..=MAX_SUMMARY).contains(&summary.len()), "{path}: {summary}");
        assert!(summary.ends_with('.') && !summary.contains('\n'), "{path}: {summary}");
        assert!(description.starts_with(summary), "{path}: {description}");
    }
}

#[test]
fn an_endpoint_is_no_schema() {
    let document = openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let nulls: Vec<_> = schemas
        .iter()
        .filter(|(_, schema)| schema["type"] == "null")
        .map(|(name, _)| name)
        .collect();
    assert!(nulls.is_empty(), "{nulls:?}");
}

/// The names that are reachable from `value`: of parameters, and of the members of bodies.
fn names(
    value: &Value,
    document: &Value,
    seen: &mut BTreeSet<String>,
    found: &mut BTreeSet<String>,
) {
    match value {
        Value::Array(values) => {
            for value in values {
                names(value, document, seen, found);
            }
        }
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str)
                && seen.insert(reference.to_owned())
            {
                let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
                names(schema, document, seen, found);
            }
            if let Some(Value::Object(properties)) = members.get("properties") {
                found.extend(properties.keys().cloned());
            }
            if members.get("in").is_some_and(|place| place != "header") {
                found.extend(members.get("name").and_then(Value::as_str).map(str::to_owned));
            }
            members.values().for_each(|value| names(value, document, seen, found));
        }
        _ => {}
    }
}

#[test]
fn names_have_the_casing_of_their_family() {
    let document = openapi();
    for (path, operation) in operations(&document) {
        let mut operation = operation.clone();
        // Errors and what signatures add are the same in every family.
        operation["responses"].as_object_mut().unwrap().retain(|status, _| status.starts_with('2'));
        // What registries send has the names that they give it.
        if operation["operationId"] == "registry-webhook-receive" {
            operation.as_object_mut().unwrap().remove("requestBody");
        }
        let mut found = BTreeSet::new();
        names(&operation, &document, &mut BTreeSet::new(), &mut found);
        found.remove("key_id");
        let foreign = if path.starts_with("/api/v1/") { '_'..='_' } else { 'A'..='Z' };
        let wrong: Vec<_> =
            found.iter().filter(|name| name.contains(|c| foreign.contains(&c))).collect();
        assert!(wrong.is_empty(), "{path}: {wrong:?}");
    }
}
