//! `GET /api/v1/releases/{id}/state`

use schemars::JsonSchema;
use slipway_composition::ReleaseBundleId;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns where a release is deployed: an entry for each environment.
///
/// The environments are in the order of `orderIndex`. A release is deployed in an environment until
/// another one takes its place there. `promotion` is there while it is on its way to the
/// environment.
#[derive(JsonSchema)]
pub struct BundleState;

impl Endpoint for BundleState {
    const ROUTE: Route =
        get("bundle-state", "/api/v1/releases/{id}/state").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<ReleaseBundleId>;
    type Output = Json<slipway_composition::BundleState>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().get_bundle_state(&id).await?))
    }
}
