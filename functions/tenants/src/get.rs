//! `GET /v1/tenants/{tenant_id}`

use schemars::JsonSchema;
use slipway_domain::TenantId;
use slipway_domain::tenant::Tenant;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one tenant.
#[derive(JsonSchema)]
pub struct TenantGet;

impl Endpoint for TenantGet {
    const ROUTE: Route = get("tenant-get", "/v1/tenants/{tenant_id}").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<TenantId>;
    type Output = Json<Tenant>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().get_tenant(&id).await?.value))
    }
}
