//! 202 where a change waits until others approve it, beside what is answered once it is made.

use http::StatusCode;
use http::header::LOCATION;
use schemars::SchemaGenerator;
use slipway_domain::Result;
use slipway_domain::approval::Approval;

use crate::describe::ResponseDoc;
use crate::output::{Output, ResponseParts};

/// The response of a change that was made, or 202 with the approval that it waits for.
#[derive(Debug)]
pub enum MadeOrWaiting<O> {
    /// It was made.
    Made(O),
    /// It waits.
    Waiting(Box<Approval>),
}

impl<O: Output> Output for MadeOrWaiting<O> {
    fn to_response_parts(&self) -> Result<ResponseParts> {
        match self {
            Self::Made(output) => output.to_response_parts(),
            Self::Waiting(approval) => {
                let response = ResponseParts::json(StatusCode::ACCEPTED, approval)?;
                let response = ResponseParts { is_result: false, ..response };
                Ok(response.with(LOCATION, format!("/v1/approvals/{}", approval.approval_id)))
            }
        }
    }

    fn describe(schemas: &mut SchemaGenerator) -> Vec<ResponseDoc> {
        let mut responses = O::describe(schemas);
        responses.push(ResponseDoc::json(
            202,
            "The change waits for sign-off and was not made. `Location` is the path of its approval; repeat the request once others have approved.",
            schemas.subschema_for::<Approval>(),
        ));
        responses
    }
}
