//! `GET /v1/releases/{release_id}/artifacts`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::ReleaseId;
use slipway_domain::decision::OfferedArtifact;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Lists the artifacts of a release with their download URLs.
///
/// The list is complete and not paged. `download_url` leads to `artifact-download`, or is the
/// external URL.
#[derive(JsonSchema)]
pub struct ReleaseArtifacts;

/// The artifacts of a release, with download URLs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ArtifactsOfRelease {
    /// Artifacts of the release.
    artifacts: Vec<OfferedArtifact>,
}

impl Endpoint for ReleaseArtifacts {
    const ROUTE: Route =
        get("release-artifacts", "/v1/releases/{release_id}/artifacts").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<ReleaseId>;
    type Output = Json<ArtifactsOfRelease>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let release = ctx.catalog().get_release(&id).await?;
        let public_url = ctx.public_url()?;
        let artifacts = release.artifacts.iter().map(|artifact| OfferedArtifact {
            artifact: artifact.into(),
            download_url: artifact.download_url_for(public_url),
        });
        Ok(Json(ArtifactsOfRelease { artifacts: artifacts.collect() }))
    }
}
