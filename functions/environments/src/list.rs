//! `GET /api/v1/environments`

use schemars::JsonSchema;
use slipway_composition::Environment;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Json, NumberedPage, NumberedPaging, Query, Result, Route, Scope,
    get,
};

/// Lists environments by `orderIndex`, and by name where that is the same.
#[derive(JsonSchema)]
pub struct EnvironmentList;

impl Endpoint for EnvironmentList {
    const ROUTE: Route = get("environment-list", "/api/v1/environments").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<NumberedPaging>;
    type Output = Json<NumberedPage<Environment>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(paging): Self::Input,
    ) -> Result<Self::Output> {
        Ok(Json(NumberedPage::of(ctx.catalog().list_environments().await?, paging)))
    }
}
