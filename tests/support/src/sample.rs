//! A sample request of every operation, as the generated files have it: the ids in paths are the
//! examples of their schemas.

use std::fs;
use std::path::Path;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::{TestResponse, World};

/// A request of an operation.
#[derive(Debug, Clone)]
pub struct SampleRequest {
    method: Method,
    /// Path and query.
    pub path: String,
    body: Option<Value>,
}

fn generated(file: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text =
        fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

impl SampleRequest {
    /// The request of `op`, with every query parameter that is an id.
    pub fn of(op: &str) -> Self {
        let event = generated(&format!("events/{op}.json"));
        let text = |member: &Value| member.as_str().map(str::to_owned);
        let path = text(&event["rawPath"]).expect("a path");
        let method = text(&event["requestContext"]["http"]["method"]).expect("a method");
        let body = text(&event["body"]).map(|body| serde_json::from_str(&body).expect("JSON"));
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Self { method, path: format!("{path}{}", query(op)), body }
    }

    /// The request with other ids: `id` gives the one for a prefix such as `prod`, if there is one.
    #[must_use]
    pub fn with_ids(mut self, id: impl Fn(&str) -> Option<String>) -> Self {
        let parts = self.path.split_inclusive(['/', '?', '=', '&']).map(|part| {
            let text = part.trim_end_matches(['/', '?', '&']);
            replaced(text, &id).map_or_else(|| part.to_owned(), |id| part.replace(text, &id))
        });
        self.path = parts.collect();
        if let Some(body) = &mut self.body {
            replace_all(body, &id);
        }
        self
    }

    /// The body, where it has one.
    #[must_use]
    pub fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// The request with another body.
    #[must_use]
    pub fn with_body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// The request, about things that do not exist.
    #[must_use]
    pub fn about_nothing(self) -> Self {
        self.with_ids(|prefix| Some(format!("{prefix}_none")))
    }

    /// The request with the token `secret`, yet to be sent.
    pub fn request(&self, world: &World, secret: &str) -> RequestBuilder {
        let request = world.bearer(secret, self.method.clone(), &self.path);
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// The response to the request with the token `secret`.
    pub async fn send(&self, world: &World, secret: &str) -> TestResponse {
        TestResponse::to(self.request(world, secret)).await
    }
}

/// `?` and the query parameters of `op` that are ids, with the examples of their schemas.
fn query(op: &str) -> String {
    let document = generated("docs/openapi.json");
    let operations = document["paths"].as_object().expect("paths").values();
    let mut operations = operations.flat_map(|path| path.as_object().expect("a path").values());
    let operation = operations.find(|one| one["operationId"] == op).expect("the operation");
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let query = parameters.filter(|one| one["in"] == "query").filter_map(|parameter| {
        let name = parameter["name"].as_str().filter(|name| name.ends_with("_id"))?;
        let schema = parameter["schema"]["$ref"].as_str().expect("an id's own schema");
        let schema = document.pointer(schema.trim_start_matches('#')).expect("the schema");
        Some(format!("{name}={}", schema["examples"][0].as_str().expect("an example")))
    });
    let query = query.collect::<Vec<_>>().join("&");
    if query.is_empty() { query } else { format!("?{query}") }
}

/// The ids of `/api/v1` in the samples, which have no prefix, and what each is the id of.
const UUIDS: [(&str, &str); 5] = [
    ("0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e20", "cmp"),
    ("0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e22", "bdl"),
    ("0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e23", "env"),
    ("0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e24", "prm"),
    ("0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e25", "int"),
];
/// An id of `/api/v1` that nothing has.
const NO_UUID: &str = "0199c2f0-0000-7000-8000-000000000000";

/// Another id in the place of `text`, if that is one.
fn replaced(text: &str, id: impl Fn(&str) -> Option<String>) -> Option<String> {
    const PREFIXES: [&str; 11] =
        ["prod", "art", "upl", "rel", "tenant", "tok", "snapshot", "mir", "apr", "trust", "whk"];
    if let Some((_, kind)) = UUIDS.iter().find(|(uuid, _)| *uuid == text) {
        let id = id(kind);
        return id.map(|id| if id.ends_with("_none") { NO_UUID.to_owned() } else { id });
    }
    let (prefix, _) = text.split_once('_').filter(|(prefix, _)| PREFIXES.contains(prefix))?;
    // The name of a parameter is none.
    if text.ends_with('=') {
        return None;
    }
    id(prefix)
}

fn replace_all(value: &mut Value, id: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::String(text) => {
            if let Some(id) = replaced(text, id) {
                *text = id;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace_all(item, id)),
        Value::Object(members) => members.values_mut().for_each(|member| replace_all(member, id)),
        _ => {}
    }
}
