//! `DELETE /v1/releases/{release_id}`

use schemars::JsonSchema;
use slipway_domain::ReleaseId;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Deletes a draft and frees its version.
///
/// `stale_state` (409) for a published or revoked release: it can only be revoked. Honours
/// `If-Match`: `precondition_failed` (412) if the release has changed since.
#[derive(JsonSchema)]
pub struct ReleaseDelete;

impl Endpoint for ReleaseDelete {
    const ROUTE: Route = delete("release-delete", "/v1/releases/{release_id}")
        .scope(Scope::ReleasesDraft)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Release];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<ReleaseId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let audit = ctx.audit()?;
        ctx.catalog().delete_draft(&id, |release| ctx.require_match(release), &audit).await?;
        Ok(NoContent)
    }
}
