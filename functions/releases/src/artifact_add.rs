//! `POST /v1/releases/{release_id}/artifacts`

use schemars::JsonSchema;
use slipway_domain::ReleaseId;
use slipway_domain::release::{ArtifactAddition, Release};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Adds artifacts to a draft and returns the release.
///
/// Several CI jobs build one version this way: each drafts it with `release-create`, gets the same
/// draft, and adds what it has built. Adding the same artifact again, also after publication, or
/// the same bytes under another id, returns the release unchanged. `artifact_exists` (409) where
/// the release has another artifact for the platform, architecture and installer type;
/// `stale_state` (409) for a release that is not a draft; `artifact_not_ready` (422) for an artifact
/// that is neither registered nor uploaded and verified, or not visible to the token.
#[derive(JsonSchema)]
pub struct ReleaseArtifactAdd;

impl Endpoint for ReleaseArtifactAdd {
    const ROUTE: Route = post("release-artifact-add", "/v1/releases/{release_id}/artifacts")
        .scope(Scope::ArtifactsWrite);
    const WRITES: &[Entity] = &[Entity::Release];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ReleaseId>, Json<ArtifactAddition>);
    type Output = Json<Release>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(addition)): Self::Input,
    ) -> Result<Self::Output> {
        addition.check()?;
        let stored = ctx.catalog().find_artifacts(addition.artifact_ids()).await?;
        let artifacts = addition.resolve(&stored, ctx.principal())?;
        let audit = ctx.audit()?;
        Ok(Json(ctx.catalog().add_release_artifacts(&id, &artifacts, &audit).await?))
    }
}
