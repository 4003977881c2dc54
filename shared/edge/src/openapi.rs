//! The OpenAPI 3.1 document, made of the same constants and types that run.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::documentation::Documentation;
use crate::endpoint::Operation;
use crate::input::Input;
use crate::output::Output;
use crate::problem::Problem;
use crate::route::{Authorization, Route};

/// A successful response.
#[derive(Debug, Clone)]
pub struct ResponseDoc {
    status: u16,
    description: &'static str,
    schema: Option<Schema>,
}

impl ResponseDoc {
    /// One with a JSON body.
    #[must_use]
    pub fn json(status: u16, description: &'static str, schema: Schema) -> Self {
        Self { status, description, schema: Some(schema) }
    }

    /// One without a body.
    #[must_use]
    pub fn empty(status: u16, description: &'static str) -> Self {
        Self { status, description, schema: None }
    }
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterLocation {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// In a header.
    Header,
}

/// What is known about an operation.
#[derive(Debug)]
pub struct OperationDoc {
    /// Its place in the API.
    pub route: Route,
    documentation: Documentation,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: Vec<ResponseDoc>,
}

impl OperationDoc {
    /// The operation at `route` that takes `I` and answers `O`.
    pub fn of<I: Input, O: Output>(
        route: Route,
        documentation: Documentation,
        schemas: &mut SchemaGenerator,
    ) -> Self {
        let mut described = Self {
            route,
            documentation,
            parameters: Vec::new(),
            body: None,
            answers: O::describe(schemas),
        };
        I::describe(&mut described, schemas);
        if route.idempotent {
            let key = json!({ "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]{1,128}$" });
            described.push(
                ParameterLocation::Header,
                "Idempotency-Key",
                false,
                &key,
                Some("A key of the caller's choice that makes a retry safe: for 24 hours, the same request with the same key returns the stored response and changes nothing."),
            );
        }
        described
    }

    /// Adds a parameter that has to be there.
    pub fn parameter(&mut self, place: ParameterLocation, name: &str, schema: &Schema) {
        self.push(place, name, true, schema.as_value(), None);
    }

    /// Adds the members of an object as query parameters.
    pub fn query(&mut self, mut object: Schema, schemas: &mut SchemaGenerator) {
        if let Some(Value::Object(definitions)) = object.remove("$defs") {
            schemas.definitions_mut().extend(definitions);
        }
        let required =
            object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let members =
            object.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, mut schema) in members {
            let description =
                schema.as_object_mut().and_then(|schema| schema.remove("description"));
            let needed = required.contains(&Value::String(name.clone()));
            self.push(
                ParameterLocation::Query,
                &name,
                needed,
                &without_null(schema),
                description.as_ref().and_then(Value::as_str),
            );
        }
    }

    /// Sets the JSON body.
    pub fn body(&mut self, schema: &Schema, required: bool) {
        self.body = Some(
            json!({ "required": required, "content": { "application/json": { "schema": schema } } }),
        );
    }

    fn push(
        &mut self,
        place: ParameterLocation,
        name: &str,
        required: bool,
        schema: &Value,
        description: Option<&str>,
    ) {
        let place = match place {
            ParameterLocation::Path => "path",
            ParameterLocation::Query => "query",
            ParameterLocation::Header => "header",
        };
        let mut parameter =
            json!({ "name": name, "in": place, "required": required, "schema": schema });
        if let (Some(members), Some(description)) = (parameter.as_object_mut(), description) {
            members.insert("description".to_owned(), json!(description));
        }
        self.parameters.push(parameter);
    }

    fn into_value(self) -> Value {
        let mut responses: BTreeMap<String, Value> =
            self.answers.into_iter().map(response).collect();
        for (status, description) in [
            ("4XX", "The request was refused and nothing was changed; `code` says why."),
            ("5XX", "The service failed. The request may be repeated."),
        ] {
            let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
            responses.insert(
                status.to_owned(),
                json!({ "description": description, "content": { "application/json": problem } }),
            );
        }
        let tag = self.route.op.split('-').next().unwrap_or_default();
        let mut operation = json!({
            "operationId": self.route.op,
            "summary": self.documentation.summary(),
            "description": description(&self.documentation, self.route.access),
            "tags": [tag],
            "security": security(self.route.access),
            "parameters": self.parameters,
            "responses": responses,
        });
        if let (Some(members), Some(body)) = (operation.as_object_mut(), self.body) {
            members.insert("requestBody".to_owned(), body);
        }
        operation
    }
}

fn response(answer: ResponseDoc) -> (String, Value) {
    let mut response = json!({ "description": answer.description });
    if let (Some(members), Some(schema)) = (response.as_object_mut(), answer.schema) {
        members.insert("content".to_owned(), json!({ "application/json": { "schema": schema } }));
    }
    (answer.status.to_string(), response)
}

fn description(documentation: &Documentation, access: Authorization) -> String {
    let text = documentation.text();
    match access {
        Authorization::Public => format!("{text}\n\nPublic: no credential is needed."),
        Authorization::Optional => {
            format!("{text}\n\nPublic where the product allows it; a credential may open more.")
        }
        Authorization::Scope(scope) => format!("{text}\n\nRequires the scope `{scope}`."),
    }
}

fn security(access: Authorization) -> Value {
    let credentials = [json!({ "token": [] }), json!({ "adminKey": [] })];
    match access {
        Authorization::Public => json!([]),
        Authorization::Optional => json!([{}, credentials[0], credentials[1]]),
        Authorization::Scope(_) => json!(credentials),
    }
}

/// A query parameter that is left out is not null.
fn without_null(mut schema: Value) -> Value {
    let null = json!("null");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| *kind != null);
    }
    let any = schema.get("anyOf").and_then(Value::as_array);
    let some = any.and_then(|any| any.iter().find(|one| one.get("type") != Some(&null)));
    some.cloned().unwrap_or(schema)
}

/// The document for `operations`, which are sorted by path.
#[must_use]
pub fn document(operations: &[Box<dyn Operation>]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut schemas = settings.into_generator();
    schemas.subschema_for::<Problem<'_>>();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations {
        let route = operation.route();
        let described = operation.describe(&mut schemas).into_value();
        paths.entry(route.path).or_default().insert(route.verb.as_str().to_lowercase(), described);
    }
    let tags: std::collections::BTreeSet<_> =
        operations.iter().filter_map(|operation| operation.route().op.split('-').next()).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Slipway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Release management: upload installers, publish releases on channels, revoke them, and give installed clients signed update decisions.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "contact": { "name": "Slipway" },
        },
        "servers": [{ "url": "/", "description": "This deployment." }],
        "tags": tags.into_iter().map(|tag| json!({ "name": tag, "description": format!("Operations on {tag}.") })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "An API token (`slp_...`), or the deployment's bootstrap key." },
                "adminKey": { "type": "apiKey", "in": "header", "name": "x-releasy-admin-key", "description": "The deployment's bootstrap key." },
            },
        },
    })
}
