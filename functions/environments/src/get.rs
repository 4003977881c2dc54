//! `GET /api/v1/environments/{id}`

use schemars::JsonSchema;
use slipway_composition::{Environment, EnvironmentId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one environment.
#[derive(JsonSchema)]
pub struct EnvironmentGet;

impl Endpoint for EnvironmentGet {
    const ROUTE: Route =
        get("environment-get", "/api/v1/environments/{id}").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<EnvironmentId>;
    type Output = Json<Environment>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().get_environment(&id).await?.value))
    }
}
