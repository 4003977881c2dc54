//! `GET /openapi.json`: the contract.

use slipway_edge::output::Document;
use slipway_edge::power::Nothing;
use slipway_edge::{Ctx, Endpoint, Result, Route, get};

/// The OpenAPI document of this deployment's version. `cargo xtask openapi` makes it of the routes.
pub struct OpenApi;

impl Endpoint for OpenApi {
    const ROUTE: Route = get("openapi", "/openapi.json", "The OpenAPI 3.1 document of this API.");
    type Power = Nothing;
    type Input = ();
    type Output = Document;

    async fn handle(_: &Ctx<Self::Power>, (): Self::Input) -> Result<Self::Output> {
        Ok(Document(include_str!("../../../docs/openapi.json")))
    }
}
