//! `POST /v1/tenants`: adds a tenant.

use slipway_domain::tenant::{NewTenant, Tenant};
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Adds a tenant. Its id may be chosen.
pub struct TenantCreate;

impl Endpoint for TenantCreate {
    const ROUTE: Route = post("tenant-create", "/v1/tenants", "Adds a tenant.")
        .scope(Scope::AdminWrite)
        .idempotent();
    type Capabilities = ReadWrite;
    type Input = Json<NewTenant>;
    type Output = Created<Tenant>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let tenant = new.create(ctx.now(), ctx.generate_id()?)?;
        ctx.catalog().create_tenant(&tenant, &ctx.audit()?).await?;
        Ok(Created::at(format!("/v1/tenants/{}", tenant.tenant_id), tenant))
    }
}
