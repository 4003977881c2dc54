//! `GET /v1/tenants/{tenant_id}/policies`

use schemars::JsonSchema;
use slipway_domain::TenantId;
use slipway_domain::policy::LevelPolicy;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Path, Query, Result, Route, Scope, get,
};

/// Lists the policies of a tenant: its own, and those for its products.
///
/// Those for products come first, by product id from the last one down; the tenant's own policy,
/// where `product_id` is null, is the last entry.
#[derive(JsonSchema)]
pub struct TenantPolicies;

impl Endpoint for TenantPolicies {
    const ROUTE: Route =
        get("tenant-policies", "/v1/tenants/{tenant_id}/policies").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<TenantId>, Query<Paging>);
    type Output = Json<CursorPage<LevelPolicy>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(tenant), Query(paging)): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let page = ctx.catalog().list_tenant_policies(&tenant, limit, start).await?;
        ctx.listed(page).map(Json)
    }
}
