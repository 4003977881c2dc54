//! Descriptions of operations, for the OpenAPI document: what inputs and outputs say of themselves.

use schemars::Schema;
use serde_json::Value;

use crate::documentation::Documentation;
use crate::route::Route;

/// One operation: where it is, what it takes, and how it succeeds.
#[derive(Debug)]
pub struct OperationDoc {
    /// Its place in the API.
    pub route: Route,
    pub(crate) documentation: Documentation,
    pub(crate) parameters: Vec<ParameterDoc>,
    pub(crate) body: Option<BodyDoc>,
    pub(crate) responses: Vec<ResponseDoc>,
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterDoc {
    /// Where it is.
    pub location: ParameterLocation,
    /// Its name.
    pub name: String,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Its JSON schema.
    pub schema: Value,
    /// What it means, as CommonMark.
    pub description: Option<String>,
}

/// Where a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterLocation {
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// In a header.
    Header,
}

/// The JSON body of a request.
#[derive(Debug, Clone)]
pub(crate) struct BodyDoc {
    pub(crate) schema: Schema,
    pub(crate) required: bool,
}

/// A successful response.
#[derive(Debug, Clone)]
pub struct ResponseDoc {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    /// One for each media type; none without a body.
    pub(crate) content: Vec<ContentDoc>,
}

/// The body of a response.
#[derive(Debug, Clone)]
pub(crate) struct ContentDoc {
    pub(crate) media_type: &'static str,
    pub(crate) schema: Schema,
}

impl ResponseDoc {
    /// One with a JSON body.
    #[must_use]
    pub fn json(status: u16, description: &'static str, schema: Schema) -> Self {
        Self::with_body(status, description, "application/json", schema)
    }

    /// One with a body of another media type.
    #[must_use]
    pub fn with_body(
        status: u16,
        description: &'static str,
        media_type: &'static str,
        schema: Schema,
    ) -> Self {
        Self { status, description, content: vec![ContentDoc { media_type, schema }] }
    }

    /// The same, whose body may be of another media type, too.
    #[must_use]
    pub fn or_body(mut self, media_type: &'static str, schema: Schema) -> Self {
        self.content.push(ContentDoc { media_type, schema });
        self
    }

    /// One without a body.
    #[must_use]
    pub fn empty(status: u16, description: &'static str) -> Self {
        Self { status, description, content: Vec::new() }
    }
}

impl OperationDoc {
    /// The operation at `route` that succeeds with `responses` and takes nothing yet.
    #[must_use]
    pub fn new(route: Route, documentation: Documentation, responses: Vec<ResponseDoc>) -> Self {
        Self { route, documentation, parameters: Vec::new(), body: None, responses }
    }

    /// Adds a parameter of the path. The description of `schema`, if it has one of its own, is the
    /// parameter's.
    pub fn path_parameter(&mut self, name: &str, schema: Schema) {
        let mut schema = schema.to_value();
        self.parameters.push(ParameterDoc {
            location: ParameterLocation::Path,
            name: name.to_owned(),
            required: true,
            description: take_description(&mut schema),
            schema,
        });
    }

    /// Adds the members of `object`, the schema of a struct, as parameters of the query string.
    pub fn query_parameters(&mut self, mut object: Schema) {
        let required =
            object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let Some(Value::Object(members)) = object.remove("properties") else { return };
        for (name, mut schema) in members {
            self.parameters.push(ParameterDoc {
                location: ParameterLocation::Query,
                required: required.iter().any(|required| *required == name.as_str()),
                name,
                description: take_description(&mut schema),
                schema: without_null(schema),
            });
        }
    }

    /// Sets a JSON body that has to be there.
    pub fn required_body(&mut self, schema: Schema) {
        self.body = Some(BodyDoc { schema, required: true });
    }

    /// Sets a JSON body that may be left out.
    pub fn optional_body(&mut self, schema: Schema) {
        self.body = Some(BodyDoc { schema, required: false });
    }
}

fn take_description(schema: &mut Value) -> Option<String> {
    let description = schema.as_object_mut()?.remove("description")?;
    description.as_str().map(str::to_owned)
}

/// A query parameter that is left out is not null.
fn without_null(mut schema: Value) -> Value {
    let null = serde_json::json!("null");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| *kind != null);
    }
    let any = schema.get("anyOf").and_then(Value::as_array);
    let some = any.and_then(|any| any.iter().find(|one| one.get("type") != Some(&null)));
    some.cloned().unwrap_or(schema)
}
