//! `POST /v1/releases/{release_id}/publish`: publishes a draft.

use slipway_domain::ReleaseId;
use slipway_domain::release::Release;
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Publishes a draft. Publishing it again is answered the same.
pub struct ReleasePublish;

impl Endpoint for ReleasePublish {
    const ROUTE: Route =
        post("release-publish", "/v1/releases/{release_id}/publish", "Publishes a draft.")
            .scope(Scope::CiWrite);
    type Capabilities = ReadWrite;
    type Input = Path<ReleaseId>;
    type Output = Json<Release>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().publish(&id, ctx.principal(), &ctx.audit()?).await?))
    }
}
