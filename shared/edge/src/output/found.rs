//! 302 to somewhere else, for now.

use http::StatusCode;
use http::header::LOCATION;
use schemars::SchemaGenerator;
use slipway_domain::Result;

use crate::caching::Caching;
use crate::describe::ResponseDoc;
use crate::output::{Output, ResponseParts};

/// 302 to a URL that bears a credential which ends soon, so that nobody keeps the response.
#[derive(Debug)]
pub struct Found(pub String);

impl Output for Found {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        let response = ResponseParts::empty(StatusCode::FOUND);
        Ok(response.with(LOCATION, &self.0).cached(Caching::Never))
    }

    fn describe(_: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        vec![ResponseDoc::empty(
            302,
            "`Location` is a URL of the bytes; a presigned one expires after 15 minutes and takes no `Authorization` header.",
        )]
    }
}
