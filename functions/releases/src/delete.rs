//! `DELETE /v1/releases/{release_id}`: deletes a draft.

use slipway_domain::ReleaseId;
use slipway_edge::power::ReadWrite;
use slipway_edge::{Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Deletes a draft and frees its version. What was published once is revoked, not deleted. Honours `If-Match`.
pub struct ReleaseDelete;

impl Endpoint for ReleaseDelete {
    const ROUTE: Route = delete("release-delete", "/v1/releases/{release_id}", "Deletes a draft; honours If-Match.").scope(Scope::CiWrite);
    type Power = ReadWrite;
    type Input = Path<ReleaseId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Power>, Path(id): Self::Input) -> Result<Self::Output> {
        let deed = ctx.deed()?;
        ctx.catalog().delete_draft(&id, ctx.principal(), |release| ctx.require_match(release), &deed).await?;
        Ok(NoContent)
    }
}
