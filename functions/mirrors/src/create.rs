//! `POST /v1/mirrors`

use schemars::JsonSchema;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};
use slipway_snapshot::mirror::{MirrorView, NewMirror};

/// Registers a mirror of a tenant.
///
/// Registration lets the mirror report its state; mirroring works without it. `not_found` (404) if
/// the tenant does not exist.
#[derive(JsonSchema)]
pub struct MirrorCreate;

impl Endpoint for MirrorCreate {
    const ROUTE: Route = post("mirror-create", "/v1/mirrors").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Mirror];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewMirror>;
    type Output = Created<MirrorView>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        ctx.catalog().get_tenant(&new.tenant_id).await.map_err(|error| error.at("tenant_id"))?;
        let mirror = new.create(ctx.now(), ctx.generate_id()?);
        let location = format!("/v1/mirrors/{}/status", mirror.mirror_id);
        let created = Created::at(location, mirror.clone().view(ctx.now()));
        ctx.catalog().create_mirror(&mirror, &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}
