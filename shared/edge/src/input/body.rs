//! JSON bodies of requests.

mod explanation;

use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use slipway_domain::{Error, json};

use self::explanation::explain;
use crate::describe::OperationDoc;
use crate::error::{HttpCode, RequestError};
use crate::input::{Input, RoutedRequest};
use crate::json::Json;
use crate::request::Request;

/// A JSON body that has to be there.
impl<T: DeserializeOwned + JsonSchema + Send> Input for Json<T> {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError> {
        let body = &routed.request.body;
        if body.is_empty() {
            let message = "the body is empty; this operation takes a JSON object";
            return Err(Error::new(HttpCode::MalformedJson, message).into());
        }
        require_json(routed.request)?;
        Ok(Self(json::from_slice(body).map_err(|error| explain::<T>(body, error))?))
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        operation.required_body(schemas.subschema_for::<T>());
    }
}

/// A JSON body that may be left out.
impl<T: DeserializeOwned + JsonSchema + Send> Input for Option<Json<T>> {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError> {
        if routed.request.body.is_empty() { Ok(None) } else { Json::read(routed).map(Some) }
    }

    fn describe(operation: &mut OperationDoc, schemas: &mut SchemaGenerator) {
        operation.optional_body(schemas.subschema_for::<T>());
    }
}

fn require_json(request: &Request) -> Result<(), Error<HttpCode>> {
    let media_type = request
        .header("content-type")
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    match media_type.as_deref() {
        Some("application/json") => Ok(()),
        Some(other) if other.starts_with("application/") && other.ends_with("+json") => Ok(()),
        other => {
            let message = format!(
                "the body is `{}`; send it with Content-Type: application/json",
                other.unwrap_or("without a type")
            );
            Err(Error::new(HttpCode::UnsupportedMediaType, message).at("Content-Type"))
        }
    }
}
