//! `GET /v1/tenants`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::tenant::Tenant;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Paging, Query, Result, Route, Scope, get};

/// Lists tenants, newest first.
#[derive(JsonSchema)]
pub struct TenantList;

/// A page of tenants, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tenants {
    /// Tenants of this page.
    tenants: Vec<Tenant>,
    /// Cursor of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl Endpoint for TenantList {
    const ROUTE: Route = get("tenant-list", "/v1/tenants").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<Tenants>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(page): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(page.limit, page.cursor.as_deref())?;
        let (tenants, next_cursor) = ctx.listed(ctx.catalog().tenants(limit, start).await?)?;
        Ok(Json(Tenants { tenants, next_cursor }))
    }
}
