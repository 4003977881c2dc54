//! `PATCH /v1/tenants/{tenant_id}`

use schemars::JsonSchema;
use slipway_domain::TenantId;
use slipway_domain::tenant::{Tenant, TenantPatch};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, patch};

/// Changes the given fields of a tenant and returns the tenant.
///
/// A field that is absent or null keeps its value; `products` replaces the whole entitlement. A
/// suspended tenant is entitled to nothing until it is restored. Honours `If-Match`:
/// `precondition_failed` (412) if the tenant has changed since.
#[derive(JsonSchema)]
pub struct TenantUpdate;

impl Endpoint for TenantUpdate {
    const ROUTE: Route =
        patch("tenant-update", "/v1/tenants/{tenant_id}").scope(Scope::AdminWrite).conditional();
    const WRITES: &[Entity] = &[Entity::Tenant];
    type Capabilities = Capabilities<Writer>;
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
