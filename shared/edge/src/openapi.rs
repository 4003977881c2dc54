//! The OpenAPI 3.1 document, made of the same constants and types that run.

use std::collections::{BTreeMap, BTreeSet};

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::describe::{OperationDoc, ParameterDoc, ParameterLocation, ResponseDoc};
use crate::documentation::Documentation;
use crate::endpoint::Operation;
use crate::problem::Problem;
use crate::route::{Authorization, HttpMethod};

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
        let described = rendered(operation.describe(&mut schemas));
        paths.entry(route.path).or_default().insert(route.verb.as_str().to_lowercase(), described);
    }
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
        "tags": tags(operations),
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "An API token (`slp_...`), or the deployment's bootstrap key." },
                "webhookBearer": { "type": "http", "scheme": "bearer", "description": "The secret of an integration's webhook, which may also stand in `Authorization` without a scheme." },
                "webhookBasic": { "type": "http", "scheme": "basic", "description": "The secret of an integration's webhook as the password, with any user name." },
                "webhookParameter": { "type": "apiKey", "in": "query", "name": "secret", "description": "The secret of an integration's webhook, for senders that can set nothing but a URL." },
                "adminKey": { "type": "apiKey", "in": "header", "name": "x-releasy-admin-key", "description": "The deployment's bootstrap key." },
            },
        },
    })
}

/// One tag for each kind of resource: the first word of an operation's name.
fn tags(operations: &[Box<dyn Operation>]) -> Vec<Value> {
    let names: BTreeSet<_> = operations.iter().map(|operation| tag(operation.route().op)).collect();
    let described = |tag| json!({ "name": tag, "description": format!("Operations on {tag}.") });
    names.into_iter().map(described).collect()
}

fn tag(op: &str) -> &str {
    op.split('-').next().unwrap_or_default()
}

fn rendered(doc: OperationDoc) -> Value {
    let headers = request_headers(&doc);
    let revalidates = revalidates(&doc);
    let mut operation = json!({
        "operationId": doc.route.op,
        "summary": doc.documentation.summary(),
        "description": description(&doc.documentation, doc.route.access),
        "tags": [tag(doc.route.op)],
        "security": security(doc.route.access),
        "parameters": doc.parameters.into_iter().chain(headers).map(parameter).collect::<Vec<_>>(),
        "responses": responses(doc.responses, revalidates),
    });
    let members = operation.as_object_mut();
    if let (Some(members), Authorization::Scope(scope)) = (members, doc.route.access) {
        // What OpenAPI has no member for: bearer tokens have scopes, but no flow of OAuth.
        members.insert("x-slipway-scope".to_owned(), json!(scope));
    }
    if let (Some(members), Some(body)) = (operation.as_object_mut(), doc.body) {
        let content = json!({ "application/json": { "schema": body.schema } });
        members.insert(
            "requestBody".to_owned(),
            json!({ "required": body.required, "content": content }),
        );
    }
    operation
}

/// The headers that the frame and the handler honour, as the route says.
fn request_headers(doc: &OperationDoc) -> Vec<ParameterDoc> {
    let key = doc.route.idempotent.then(idempotency_key);
    let if_match = doc.route.conditional.then(|| {
        entity_tags("If-Match", "Entity tags, or `*`: the request is refused with 412 unless the resource has one of them. Take it from `ETag` of the GET of the resource.")
    });
    let if_none_match = revalidates(doc).then(|| {
        entity_tags("If-None-Match", "Entity tags that the caller has, or `*`: 304 without a body if one of them is the current one.")
    });
    [key, if_match, if_none_match].into_iter().flatten().collect()
}

fn entity_tags(name: &str, description: &str) -> ParameterDoc {
    ParameterDoc {
        location: ParameterLocation::Header,
        name: name.to_owned(),
        required: false,
        schema: json!({ "type": "string", "examples": ["\"5d41402abc4b2a76\""] }),
        description: Some(description.to_owned()),
    }
}

/// Whether the operation answers with an entity tag: a GET that answers 200.
fn revalidates(doc: &OperationDoc) -> bool {
    doc.route.verb == HttpMethod::Get && doc.responses.iter().any(|response| response.status == 200)
}

fn idempotency_key() -> ParameterDoc {
    ParameterDoc {
        location: ParameterLocation::Header,
        name: "Idempotency-Key".to_owned(),
        required: false,
        schema: json!({ "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]{1,128}$" }),
        description: Some("A key of the caller's choice that makes a retry safe: for 24 hours, the same request with the same key returns the stored response and changes nothing.".to_owned()),
    }
}

fn parameter(doc: ParameterDoc) -> Value {
    let location = match doc.location {
        ParameterLocation::Path => "path",
        ParameterLocation::Query => "query",
        ParameterLocation::Header => "header",
    };
    let mut parameter =
        json!({ "name": doc.name, "in": location, "required": doc.required, "schema": doc.schema });
    if let (Some(members), Some(description)) = (parameter.as_object_mut(), doc.description) {
        members.insert("description".to_owned(), json!(description));
    }
    parameter
}

fn responses(successes: Vec<ResponseDoc>, revalidates: bool) -> BTreeMap<String, Value> {
    let problem =
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    let failures = [
        ("4XX", "The request was refused and nothing was changed; `code` says why."),
        ("5XX", "The service failed. The request may be repeated."),
    ];
    let failures = failures.map(|(status, description)| {
        (status.to_owned(), json!({ "description": description, "content": problem }))
    });
    let mut responses: BTreeMap<_, _> =
        successes.into_iter().map(success).chain(failures).collect();
    if revalidates {
        let unchanged = json!({ "description": "The caller has the current representation: `If-None-Match` names it.", "headers": etag() });
        responses.insert("304".to_owned(), unchanged);
        if let Some(members) = responses.get_mut("200").and_then(Value::as_object_mut) {
            members.insert("headers".to_owned(), etag());
        }
    }
    responses
}

/// The header of what can be revalidated.
fn etag() -> Value {
    json!({ "ETag": {
        "description": "Strong entity tag of the representation (RFC 9110), for `If-None-Match` and `If-Match`.",
        "schema": { "type": "string" },
    } })
}

fn success(doc: ResponseDoc) -> (String, Value) {
    let mut response = json!({ "description": doc.description });
    let content = doc.content.into_iter();
    let content: Map<_, _> = content
        .map(|content| (content.media_type.to_owned(), json!({ "schema": content.schema })))
        .collect();
    if let (Some(members), false) = (response.as_object_mut(), content.is_empty()) {
        members.insert("content".to_owned(), content.into());
    }
    (doc.status.to_string(), response)
}

fn description(documentation: &Documentation, access: Authorization) -> String {
    let text = documentation.text();
    match access {
        Authorization::Public => format!("{text}\n\nPublic: no credential is needed."),
        Authorization::Optional => {
            format!("{text}\n\nPublic where the product allows it; a credential may open more.")
        }
        Authorization::Credential => format!("{text}\n\nRequires a credential, with any scopes."),
        Authorization::Scope(scope) => format!("{text}\n\nRequires the scope `{scope}`."),
        Authorization::IntegrationWebhook => {
            format!("{text}\n\nRequires the secret of the integration's webhook.")
        }
    }
}

fn security(access: Authorization) -> Value {
    let credentials = [json!({ "token": [] }), json!({ "adminKey": [] })];
    match access {
        Authorization::Public => json!([]),
        Authorization::Optional => json!([{}, credentials[0], credentials[1]]),
        Authorization::Credential | Authorization::Scope(_) => json!(credentials),
        Authorization::IntegrationWebhook => {
            json!([{ "webhookBearer": [] }, { "webhookBasic": [] }, { "webhookParameter": [] }])
        }
    }
}
