//! `GET /v1/artifacts/{artifact_id}`

use schemars::JsonSchema;
use slipway_domain::ArtifactId;
use slipway_domain::artifact::Artifact;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns an artifact's metadata.
///
/// An artifact is immutable, but for what the last check of an external one has found. A credential
/// that is bound to products sees an artifact once one of their releases contains it.
#[derive(JsonSchema)]
pub struct ArtifactGet;

impl Endpoint for ArtifactGet {
    const ROUTE: Route =
        get("artifact-get", "/v1/artifacts/{artifact_id}").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<ArtifactId>;
    type Output = Json<Artifact>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().get_artifact(&id).await.map(Json)
    }
}
