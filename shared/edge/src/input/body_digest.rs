//! The digest of a request's body, for responses that say what they answer.

use schemars::SchemaGenerator;
use slipway_domain::Sha256;

use crate::describe::OperationDoc;
use crate::error::RequestError;
use crate::input::{Input, RoutedRequest};

/// SHA-256 digest of the body, byte for byte as the client has sent it, a byte order mark included.
#[derive(Debug, Clone, Copy)]
pub struct BodyDigest(pub Sha256);

impl Input for BodyDigest {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError> {
        Ok(Self(Sha256::of(&routed.request.body)))
    }

    fn describe(_: &mut OperationDoc, _: &mut SchemaGenerator) {}
}
