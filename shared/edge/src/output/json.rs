//! 200 with a JSON body.

use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::Result;

use crate::caching::Caching;
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

/// 200 with a JSON body that will never change, for the eyes of the caller.
#[derive(Debug)]
pub struct Immutable<T>(pub T);

impl<T: Serialize + JsonSchema + Send> Output for Immutable<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        Ok(ResponseParts::json(StatusCode::OK, &self.0)?.cached(Caching::PrivateImmutable))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let schema = schemas.subschema_for::<T>();
        vec![ResponseDoc::json(200, "The resource, which is immutable.", schema)]
    }
}
