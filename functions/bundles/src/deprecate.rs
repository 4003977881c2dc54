//! `POST /api/v1/releases/{id}/deprecate`

use schemars::JsonSchema;
use slipway_composition::{ReleaseBundle, ReleaseBundleId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Deprecates a release: it is not promoted any more.
///
/// Where it is deployed, it stays, and promotions that are in progress may end. Those that wait for
/// approval can't begin any more. A release that is deprecated already stays as it is.
#[derive(JsonSchema)]
pub struct BundleDeprecate;

impl Endpoint for BundleDeprecate {
    const ROUTE: Route =
        post("bundle-deprecate", "/api/v1/releases/{id}/deprecate").scope(Scope::BundlesWrite);
    const WRITES: &[Entity] = &[Entity::ReleaseBundle];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<ReleaseBundleId>;
    type Output = Json<ReleaseBundle>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().deprecate_bundle(&id, &ctx.audit()?).await?))
    }
}
