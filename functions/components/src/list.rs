//! `GET /api/v1/components`

use schemars::JsonSchema;
use slipway_composition::Component;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, Scope, get};

/// Lists all components by name.
///
/// There are at most 1000, and all of them come at once.
#[derive(JsonSchema)]
pub struct ComponentList;

impl Endpoint for ComponentList {
    const ROUTE: Route = get("component-list", "/api/v1/components").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = ();
    type Output = Json<Vec<Component>>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().list_components().await?))
    }
}
