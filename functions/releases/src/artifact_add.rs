//! `POST /v1/releases/{release_id}/artifacts`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::ReleaseId;
use slipway_domain::release::{ArtifactAddition, Release};
use slipway_domain::release_upload::{Addition, ArtifactsToAdd, RegisteredArtifact};
use slipway_edge::capabilities::{Entity, UploadVerifier, Writer};
use slipway_edge::{
    Capabilities, Ctx, Endpoint, FunctionSize, JobInvoker, Json, Path, Result, Route, Scope, post,
};
use slipway_uploads::FinishUpload;

use crate::registration::register;

/// Adds artifacts to a draft.
///
/// With `artifacts`, by their ids, and returns the release. Several CI jobs build one version this
/// way: each drafts it with `release-create`, gets the same draft, and adds what it has built.
/// Adding the same artifact again, also after publication, or the same bytes under another id,
/// returns the release unchanged. `artifact_exists` (409) where the release has another artifact for
/// the platform, architecture and installer type; `stale_state` (409) for a release that is not a
/// draft; `artifact_not_ready` (422) for an artifact that is neither registered nor uploaded and
/// verified, or not visible to the token.
///
/// With the members of a file that was sent to a URL of release-artifact-presign, and returns the
/// artifact once its bytes are verified. `upload_incomplete` (409) before they have arrived;
/// `checksum_mismatch` (409) where they have another size or digest: up to 256 MiB they stay, and can
/// be registered again. Larger files take longer than a request: `unavailable` (503) until they are
/// verified, and the same request is to be repeated. `artifact_exists` (409) for what is registered.
#[derive(JsonSchema)]
pub struct ReleaseArtifactAdd;

/// What adding may touch.
pub(crate) type Add = Capabilities<Writer, UploadVerifier, (), JobInvoker<FinishUpload>>;

/// The release with more artifacts, or the artifact that was registered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Added {
    /// The release, to which artifacts were added by their ids.
    Release(Box<Release>),
    /// The artifact that was uploaded for it.
    Artifact(RegisteredArtifact),
}

impl Endpoint for ReleaseArtifactAdd {
    const ROUTE: Route = post("release-artifact-add", "/v1/releases/{release_id}/artifacts")
        .scope(Scope::ArtifactsWrite)
        .idempotent();
    const WRITES: &[Entity] = &[Entity::Release, Entity::Artifact, Entity::Upload];
    const SIZE: FunctionSize = FunctionSize::HEAVY_REQUEST;
    type Capabilities = Add;
    type Input = (Path<ReleaseId>, Json<ArtifactsToAdd>);
    type Output = Json<Added>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(body)): Self::Input,
    ) -> Result<Self::Output> {
        match body.addition()? {
            Addition::Existing(addition) => add_existing(ctx, &id, addition).await,
            Addition::Uploaded(registration) => register(ctx, &id, &registration).await,
        }
    }
}

async fn add_existing(
    ctx: &Ctx<Add>,
    id: &ReleaseId,
    addition: ArtifactAddition,
) -> Result<Json<Added>> {
    addition.check()?;
    let stored = ctx.catalog().find_artifacts(addition.artifact_ids()).await?;
    let artifacts = addition.resolve(&stored, ctx.principal())?;
    // Adding them twice is adding them once, so that the response need not be part of the change.
    let audit = ctx.audit_beside()?;
    let release = ctx.catalog().add_release_artifacts(id, &artifacts, &audit).await?;
    Ok(Json(Added::Release(release.into())))
}
