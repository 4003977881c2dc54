//! `GET /v1/mirrors/{mirror_id}/status`: where a mirror stands.

use slipway_domain::MirrorId;
use slipway_edge::capabilities::ReadOnly;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, get};
use slipway_snapshot::mirror::MirrorView;

/// Where a mirror stands, by what it reported last.
pub struct MirrorStatusGet;

impl Endpoint for MirrorStatusGet {
    const ROUTE: Route =
        get("mirror-status", "/v1/mirrors/{mirror_id}/status", "Where a mirror stands.")
            .scope(Scope::AdminRead);
    type Capabilities = ReadOnly;
    type Input = Path<MirrorId>;
    type Output = Json<MirrorView>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let mirror = ctx.catalog().visible_mirror(&id, ctx.principal()).await?.value;
        Ok(Json(mirror.view(ctx.now())))
    }
}
