//! `GET /v1/releases/{release_id}/history`

use schemars::JsonSchema;
use slipway_domain::ReleaseId;
use slipway_domain::release::ReleaseChange;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Path, Query, Result, Route, Scope, get,
};

/// Lists the changes of a release, newest first.
///
/// Each change has its time and actor, the names of the members that changed, and of status and
/// rollout what they were before and after. It is written with the change itself. Of a release that
/// was created before Slipway kept a history, the changes since are listed. Not for credentials that
/// are bound to a tenant: they know of the release since it is live.
#[derive(JsonSchema)]
pub struct ReleaseHistory;

impl Endpoint for ReleaseHistory {
    const ROUTE: Route =
        get("release-history", "/v1/releases/{release_id}/history").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<ReleaseId>, Query<Paging>);
    type Output = Json<CursorPage<ReleaseChange>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Query(paging)): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_release_changes(&id, limit, start).await?).map(Json)
    }
}
