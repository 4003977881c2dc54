//! 204.

use http::StatusCode;
use schemars::SchemaGenerator;
use slipway_domain::Result;

use crate::describe::ResponseDoc;
use crate::output::{Output, ResponseParts};

/// 204: the request succeeded, and there is nothing to say about it.
#[derive(Debug)]
pub struct NoContent;

impl Output for NoContent {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        Ok(ResponseParts::empty(StatusCode::NO_CONTENT))
    }

    fn describe(_: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::empty(204, "The request succeeded.")]
    }
}
