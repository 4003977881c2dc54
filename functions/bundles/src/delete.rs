//! `DELETE /api/v1/releases/{id}`

use schemars::JsonSchema;
use slipway_composition::{ReleaseBundle, ReleaseBundleId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Deletes a release: a draft, or one that is deprecated and deployed nowhere.
///
/// Its name may be taken again. `stale_state` (409) for any other, and while a promotion of it has
/// not ended. Honours `If-Match`: `precondition_failed` (412) if the release has changed since.
#[derive(JsonSchema)]
pub struct BundleDelete;

impl Endpoint for BundleDelete {
    const ROUTE: Route =
        delete("bundle-delete", "/api/v1/releases/{id}").scope(Scope::BundlesWrite).conditional();
    const WRITES: &[Entity] = &[Entity::ReleaseBundle];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<ReleaseBundleId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let (audit, check) = (ctx.audit()?, |seen: &ReleaseBundle| ctx.require_match(seen));
        ctx.catalog().delete_bundle(&id, check, &audit).await?;
        Ok(NoContent)
    }
}
