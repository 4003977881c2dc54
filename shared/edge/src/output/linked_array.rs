//! 200 with a bare array, whose next page a header leads to.

use http::StatusCode;
use http::header::LINK;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use slipway_domain::Result;

use crate::describe::ResponseDoc;
use crate::output::{Output, ResponseParts};

/// A page of a list whose body is an array and nothing else. The header `Link` leads to the next
/// page (RFC 8288, relation `next`), where there is one.
#[derive(Debug)]
pub struct LinkedArray<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T> LinkedArray<T> {
    /// `items`, and the query string of the next page.
    pub(crate) fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }
}

impl<T: Serialize + JsonSchema + Send> Output for LinkedArray<T> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        let response = ResponseParts::json(StatusCode::OK, &self.items)?;
        Ok(match &self.next {
            Some(query) => response.with(LINK, format!("<?{query}>; rel=\"next\"")),
            None => response,
        })
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let description = "A page of the list; the header `Link` leads to the next one, where there is one (RFC 8288, relation `next`).";
        vec![ResponseDoc::json(200, description, schemas.subschema_for::<Vec<T>>())]
    }
}
