//! `POST /api/v1/releases/from-latest`

use schemars::JsonSchema;
use slipway_composition::{BundleDescription, NewBundleFromLatest, ReleaseBundle};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

use crate::create::create;
use crate::resolution::resolve_latest;

/// Creates a release of the latest versions of components.
///
/// Without `componentIds` it has all components there are. With `pinFrom`, the components that
/// `componentIds` does not name are added as the release has them that is deployed in the
/// environment: `stale_state` (409) if none is. Else as bundle-create. The components are in the
/// order of their names.
#[derive(JsonSchema)]
pub struct BundleCreateFromLatest;

impl Endpoint for BundleCreateFromLatest {
    const ROUTE: Route = post("bundle-create-from-latest", "/api/v1/releases/from-latest")
        .scope(Scope::BundlesWrite)
        .idempotent();
    const WRITES: &[Entity] = &[Entity::ReleaseBundle];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewBundleFromLatest>;
    type Output = Created<ReleaseBundle>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let resolved = resolve_latest(ctx.catalog(), &new).await?;
        let NewBundleFromLatest { name, display_name, source_ref, .. } = new;
        create(ctx, BundleDescription { name, display_name, source_ref }, resolved).await
    }
}
