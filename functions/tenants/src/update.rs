//! `PATCH /v1/tenants/{tenant_id}`: changes a tenant.

use slipway_domain::TenantId;
use slipway_domain::tenant::{Tenant, TenantPatch};
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, patch};

/// Changes the fields that are given. Honours `If-Match`.
pub struct TenantUpdate;

impl Endpoint for TenantUpdate {
    const ROUTE: Route = patch(
        "tenant-update",
        "/v1/tenants/{tenant_id}",
        "Changes the given fields of a tenant; honours If-Match.",
    )
    .scope(Scope::AdminWrite);
    type Capabilities = ReadWrite;
    type Input = (Path<TenantId>, Json<TenantPatch>);
    type Output = Json<Tenant>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(patch)): Self::Input,
    ) -> Result<Self::Output> {
        let audit = ctx.audit()?;
        Ok(Json(
            ctx.catalog()
                .update_tenant(&id, &patch, |tenant| ctx.require_match(tenant), &audit)
                .await?,
        ))
    }
}
