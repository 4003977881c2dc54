//! `POST /v1/tenants`: adds a tenant.

use slipway_domain::tenant::{NewTenant, Tenant};
use slipway_edge::power::ReadWrite;
use slipway_edge::{Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Adds a tenant. Its id may be chosen.
pub struct TenantCreate;

impl Endpoint for TenantCreate {
    const ROUTE: Route = post("tenant-create", "/v1/tenants", "Adds a tenant.").scope(Scope::AdminWrite).idempotent();
    type Power = ReadWrite;
    type Input = Json<NewTenant>;
    type Output = Created<Tenant>;

    async fn handle(ctx: &Ctx<Self::Power>, Json(new): Self::Input) -> Result<Self::Output> {
        let tenant = new.create(ctx.now(), ctx.fresh_id()?)?;
        ctx.catalog().create_tenant(&tenant, &ctx.deed()?).await?;
        Ok(Created::at(format!("/v1/tenants/{}", tenant.tenant_id), tenant))
    }
}
