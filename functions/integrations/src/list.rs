//! `GET /api/v1/integrations`

use schemars::JsonSchema;
use slipway_composition::Integration;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Json, NumberedPage, NumberedPaging, Query, Result, Route, Scope,
    get,
};

/// Lists integrations by name. No secret is told, only where it is kept.
#[derive(JsonSchema)]
pub struct IntegrationList;

impl Endpoint for IntegrationList {
    const ROUTE: Route = get("integration-list", "/api/v1/integrations").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<NumberedPaging>;
    type Output = Json<NumberedPage<Integration>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(paging): Self::Input,
    ) -> Result<Self::Output> {
        Ok(Json(NumberedPage::of(ctx.catalog().list_integrations().await?, paging)))
    }
}
