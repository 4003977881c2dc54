//! `GET /v1/releases/{release_id}`

use schemars::JsonSchema;
use slipway_domain::ReleaseId;
use slipway_domain::release::Release;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one release.
#[derive(JsonSchema)]
pub struct ReleaseGet;

impl Endpoint for ReleaseGet {
    const ROUTE: Route = get("release-get", "/v1/releases/{release_id}").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<ReleaseId>;
    type Output = Json<Release>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().get_release(&id).await?))
    }
}
