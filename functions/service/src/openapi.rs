//! `GET /openapi.json`

use schemars::JsonSchema;
use slipway_edge::output::StaticDocument;
use slipway_edge::{Capabilities, Ctx, Endpoint, Result, Route, get};

/// Returns this OpenAPI document.
///
/// It describes the version that is deployed.
#[derive(JsonSchema)]
pub struct OpenApi;

impl Endpoint for OpenApi {
    const ROUTE: Route = get("openapi", "/openapi.json");
    type Capabilities = Capabilities;
    type Input = ();
    type Output = StaticDocument;

    async fn handle(_: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Ok(StaticDocument(include_str!("../../../docs/openapi.json")))
    }
}
