//! 202 where the work goes on after the response, beside what is answered where it does not.

use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::Result;

use crate::describe::ResponseDoc;
use crate::output::created::Created;
use crate::output::{Output, ResponseParts};

/// 200 when the work is complete, 202 while it goes on.
#[derive(Debug)]
pub enum CompletedOrAccepted<T> {
    /// It is complete.
    Completed(T),
    /// It goes on.
    Accepted(T),
}

impl<T: Serialize + JsonSchema + Send> Output for CompletedOrAccepted<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        match self {
            Self::Completed(body) => ResponseParts::json(StatusCode::OK, body),
            Self::Accepted(body) => ResponseParts::json(StatusCode::ACCEPTED, body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![
            ResponseDoc::json(200, "The work is complete.", schemas.subschema_for::<T>()),
            ResponseDoc::json(
                202,
                "The request was accepted; the work continues. Poll for the result.",
                schemas.subschema_for::<T>(),
            ),
        ]
    }
}

/// 201 with the new resource, 200 with the current one where nothing has changed, or 202 where the
/// work goes on.
#[derive(Debug)]
pub enum CreateOutcome<T, U> {
    /// It is new.
    Created(Created<T>),
    /// The current one is as good.
    Unchanged(T),
    /// The work goes on.
    Accepted(U),
}

impl<T: Serialize + JsonSchema + Send, U: Serialize + JsonSchema + Send> Output
    for CreateOutcome<T, U>
{
    fn to_response_parts(&self) -> Result<ResponseParts> {
        match self {
            Self::Created(created) => created.to_response_parts(),
            Self::Unchanged(body) => ResponseParts::json(StatusCode::OK, body),
            Self::Accepted(body) => ResponseParts::json(StatusCode::ACCEPTED, body),
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let mut responses = Created::<T>::describe(schemas);
        responses.push(ResponseDoc::json(
            200,
            "Nothing has changed since; this is the current resource.",
            schemas.subschema_for::<T>(),
        ));
        responses.push(ResponseDoc::json(
            202,
            "The request was accepted; the work continues.",
            schemas.subschema_for::<U>(),
        ));
        responses
    }
}
