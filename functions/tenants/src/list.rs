//! `GET /v1/tenants`

use schemars::JsonSchema;
use slipway_domain::tenant::Tenant;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Query, Result, Route, Scope, get,
};

/// Lists tenants, newest first.
#[derive(JsonSchema)]
pub struct TenantList;

impl Endpoint for TenantList {
    const ROUTE: Route = get("tenant-list", "/v1/tenants").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<CursorPage<Tenant>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(paging): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_tenants(limit, start).await?).map(Json)
    }
}
