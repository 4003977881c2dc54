//! The network that a request comes from.

use schemars::SchemaGenerator;
use slipway_domain::outcome::Network;

use crate::describe::OperationDoc;
use crate::error::RequestError;
use crate::input::{Input, RoutedRequest};

/// The network of the client, as the gateway knows it from the connection: no header of the caller
/// says it.
#[derive(Debug, Clone, Copy)]
pub struct SourceNetwork(pub Network);

impl Input for SourceNetwork {
    fn read(routed: &RoutedRequest<'_>) -> Result<Self, RequestError> {
        let address = routed.request.source_address;
        Ok(Self(address.map_or(Network::UNKNOWN, Network::of)))
    }

    fn describe(_: &mut OperationDoc, _: &mut SchemaGenerator) {}
}
