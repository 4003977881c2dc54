//! `GET /api/v1/releases/{id}`

use schemars::JsonSchema;
use slipway_composition::{ReleaseBundle, ReleaseBundleId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one release with its components.
#[derive(JsonSchema)]
pub struct BundleGet;

impl Endpoint for BundleGet {
    const ROUTE: Route = get("bundle-get", "/api/v1/releases/{id}").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<ReleaseBundleId>;
    type Output = Json<ReleaseBundle>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().get_bundle(&id).await?))
    }
}
