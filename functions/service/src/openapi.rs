//! `GET /openapi.json`: the contract.

use slipway_edge::capabilities::Nothing;
use slipway_edge::output::StaticDocument;
use slipway_edge::{Ctx, Endpoint, Result, Route, get};

/// The OpenAPI document of this deployment's version. `cargo xtask openapi` makes it of the routes.
pub struct OpenApi;

impl Endpoint for OpenApi {
    const ROUTE: Route = get("openapi", "/openapi.json", "The OpenAPI 3.1 document of this API.");
    type Capabilities = Nothing;
    type Input = ();
    type Output = StaticDocument;

    async fn handle(_: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Ok(StaticDocument(include_str!("../../../docs/openapi.json")))
    }
}
