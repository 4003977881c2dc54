//! `GET /openapi.json`

use schemars::JsonSchema;
use slipway_edge::media_type::ApplicationJson;
use slipway_edge::{Capabilities, Ctx, Endpoint, Result, Route, StaticDocument, get};

/// The OpenAPI document of the version that is compiled.
pub const OPENAPI: &str = include_str!("../../../docs/openapi.json");

/// Returns this OpenAPI document.
///
/// It describes the version that is deployed.
#[derive(JsonSchema)]
pub struct OpenApi;

impl Endpoint for OpenApi {
    const ROUTE: Route = get("openapi", "/openapi.json");
    type Capabilities = Capabilities;
    type Input = ();
    type Output = StaticDocument<ApplicationJson>;

    async fn handle(_: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Ok(StaticDocument::new(OPENAPI))
    }
}
