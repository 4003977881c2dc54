//! 200 with a JSON body.

use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::Result;

use crate::describe::ResponseDoc;
use crate::json::Json;
use crate::output::{Output, ResponseParts};

impl<T: Serialize + JsonSchema + Send> Output for Json<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        ResponseParts::json(StatusCode::OK, &self.0)
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::json(200, "The request succeeded.", schemas.subschema_for::<T>())]
    }
}
