//! 200 with JSON, or with the same in another form, as the caller asks.

use std::marker::PhantomData;

use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::Result;

use crate::describe::ResponseDoc;
use crate::media_type::{ApplicationJson, MediaType};
use crate::output::{Output, ResponseParts};

/// 200 with a `T` as JSON, or with a text of the media type `M`.
#[derive(Debug)]
pub struct JsonOrText<T, M> {
    body: JsonOrTextBody<T>,
    media_type: PhantomData<fn() -> M>,
}

#[derive(Debug)]
enum JsonOrTextBody<T> {
    Json(T),
    Text(String),
}

impl<T, M> JsonOrText<T, M> {
    /// `value` as JSON.
    #[must_use]
    pub fn json(value: T) -> Self {
        Self { body: JsonOrTextBody::Json(value), media_type: PhantomData }
    }

    /// `text`, as it is.
    #[must_use]
    pub fn text(text: String) -> Self {
        Self { body: JsonOrTextBody::Text(text), media_type: PhantomData }
    }
}

impl<T: Serialize + JsonSchema + Send, M: MediaType> Output for JsonOrText<T, M> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        match &self.body {
            JsonOrTextBody::Json(value) => ResponseParts::json(StatusCode::OK, value),
            JsonOrTextBody::Text(text) => {
                Ok(ResponseParts::of::<M>(StatusCode::OK, text.clone().into()))
            }
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let schema = schemas.subschema_for::<T>();
        let json =
            ResponseDoc::with_body(200, "In the form asked for.", ApplicationJson::NAME, schema);
        vec![json.or_body(M::NAME, M::schema())]
    }
}
