//! `POST /v1/tenants`

use schemars::JsonSchema;
use slipway_domain::tenant::{NewTenant, Tenant};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Creates a tenant.
///
/// The caller may choose `tenant_id`; otherwise Slipway assigns one. `tenant_exists` (409) if the
/// id is taken. `products` is `"*"` for every product, or a list of ids.
#[derive(JsonSchema)]
pub struct TenantCreate;

impl Endpoint for TenantCreate {
    const ROUTE: Route = post("tenant-create", "/v1/tenants").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Tenant];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewTenant>;
    type Output = Created<Tenant>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let tenant = new.create(ctx.now(), ctx.generate_id()?)?;
        let created = Created::at(format!("/v1/tenants/{}", tenant.tenant_id), tenant);
        ctx.catalog().create_tenant(created.resource(), &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}
