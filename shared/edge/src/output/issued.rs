//! 200 with a credential that is shown once.

use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::Result;

use crate::caching::Caching;
use crate::describe::ResponseDoc;
use crate::output::{Output, ResponseParts};

/// 200 with a credential, which nobody keeps on the way.
#[derive(Debug)]
pub struct Issued<T>(pub T);

impl<T: Serialize + JsonSchema + Send> Output for Issued<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        Ok(ResponseParts::json(StatusCode::OK, &self.0)?.cached(Caching::Never))
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let description = "The credential, which is shown once.";
        vec![ResponseDoc::json(200, description, schemas.subschema_for::<T>())]
    }
}
