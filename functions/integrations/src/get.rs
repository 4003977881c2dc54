//! `GET /api/v1/integrations/{id}`

use schemars::JsonSchema;
use slipway_composition::{Integration, IntegrationId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one integration. Its secret is not told, only where it is kept.
#[derive(JsonSchema)]
pub struct IntegrationGet;

impl Endpoint for IntegrationGet {
    const ROUTE: Route =
        get("integration-get", "/api/v1/integrations/{id}").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<IntegrationId>;
    type Output = Json<Integration>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().get_integration(&id).await?.value))
    }
}
