//! `DELETE /v1/releases/{release_id}`: deletes a draft.

use slipway_domain::ReleaseId;
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Deletes a draft and frees its version. What was published once is revoked, not deleted. Honours
/// `If-Match`.
pub struct ReleaseDelete;

impl Endpoint for ReleaseDelete {
    const ROUTE: Route =
        delete("release-delete", "/v1/releases/{release_id}", "Deletes a draft; honours If-Match.")
            .scope(Scope::CiWrite);
    type Capabilities = ReadWrite;
    type Input = Path<ReleaseId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let audit = ctx.audit()?;
        ctx.catalog()
            .delete_draft(&id, ctx.principal(), |release| ctx.require_match(release), &audit)
            .await?;
        Ok(NoContent)
    }
}
