//! `PUT /api/v1/releases/{id}`

use schemars::JsonSchema;
use slipway_composition::{ReleaseBundle, ReleaseBundleId, ReleaseBundleUpdate};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, put};

use crate::resolution::resolve;

/// Changes the given members of a release and returns the release.
///
/// A member that is absent or null keeps its value. The status `ready` says that a draft is
/// complete. `components` replace those of a draft, and all of them are looked up anew.
/// `stale_state` (409) for components of a release that is no draft, and for a status that it can't
/// get this way. Honours `If-Match`: `precondition_failed` (412) if the release has changed since.
#[derive(JsonSchema)]
pub struct BundleUpdate;

impl Endpoint for BundleUpdate {
    const ROUTE: Route =
        put("bundle-update", "/api/v1/releases/{id}").scope(Scope::BundlesWrite).conditional();
    const WRITES: &[Entity] = &[Entity::ReleaseBundle];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ReleaseBundleId>, Json<ReleaseBundleUpdate>);
    type Output = Json<ReleaseBundle>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(update)): Self::Input,
    ) -> Result<Self::Output> {
        let (audit, check) = (ctx.audit()?, |seen: &ReleaseBundle| ctx.require_match(seen));
        let resolved = match &update.components {
            Some(components) => Some(resolve(ctx.catalog(), components.clone()).await?),
            None => None,
        };
        let resolved = resolved.as_ref();
        Ok(Json(ctx.catalog().update_bundle(&id, &update, resolved, check, &audit).await?))
    }
}
