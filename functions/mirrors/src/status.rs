//! `GET /v1/mirrors/{mirror_id}/status`

use schemars::JsonSchema;
use slipway_domain::MirrorId;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};
use slipway_snapshot::mirror::MirrorView;

/// Returns the state of a mirror.
///
/// The state follows from the mirror's own reports: `ERROR` if the last one was a failure,
/// `INACTIVE` before the first and 48 hours after the last, `ACTIVE` otherwise.
#[derive(JsonSchema)]
pub struct MirrorStatusGet;

impl Endpoint for MirrorStatusGet {
    const ROUTE: Route =
        get("mirror-status", "/v1/mirrors/{mirror_id}/status").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<MirrorId>;
    type Output = Json<MirrorView>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let mirror = ctx.catalog().get_mirror(&id).await?.value;
        Ok(Json(mirror.view(ctx.now())))
    }
}
