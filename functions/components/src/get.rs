//! `GET /api/v1/components/{id}`

use schemars::JsonSchema;
use slipway_composition::{Component, ComponentId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one component.
#[derive(JsonSchema)]
pub struct ComponentGet;

impl Endpoint for ComponentGet {
    const ROUTE: Route = get("component-get", "/api/v1/components/{id}").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<ComponentId>;
    type Output = Json<Component>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().get_component(&id).await?.value))
    }
}
