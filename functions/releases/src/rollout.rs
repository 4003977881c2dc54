//! `PUT /v1/releases/{release_id}/rollout`: changes whom a release is offered to.

use slipway_domain::ReleaseId;
use slipway_domain::release::Release;
use slipway_domain::rollout::Rollout;
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, put};

/// Changes how much of the installed base a release is offered to, or pauses it. Honours
/// `If-Match`.
pub struct ReleaseRollout;

impl Endpoint for ReleaseRollout {
    const ROUTE: Route = put(
        "release-rollout",
        "/v1/releases/{release_id}/rollout",
        "Changes whom a release is offered to; honours If-Match.",
    )
    .scope(Scope::CiWrite);
    type Capabilities = ReadWrite;
    type Input = (Path<ReleaseId>, Json<Rollout>);
    type Output = Json<Release>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(rollout)): Self::Input,
    ) -> Result<Self::Output> {
        let audit = ctx.audit()?;
        Ok(Json(
            ctx.catalog()
                .roll_out(
                    &id,
                    rollout,
                    ctx.principal(),
                    |release| ctx.require_match(release),
                    &audit,
                )
                .await?,
        ))
    }
}
