//! `GET /v1/artifacts/{artifact_id}/download`

use schemars::JsonSchema;
use slipway_domain::artifact::Artifact;
use slipway_domain::product::ArtifactAccess;
use slipway_domain::{ArtifactId, ProductId, Scope};
use slipway_edge::capabilities::{ArtifactReader, Reader};
use slipway_edge::{Capabilities, Ctx, Endpoint, Found, Path, Result, Route, get};

/// Redirects to an artifact's bytes.
///
/// 302 to a presigned URL that expires after 15 minutes, or to the external URL. Range requests
/// work at the target. No credential is needed while a published release of a product with
/// `artifact_access: public` contains the artifact; otherwise it takes the scope `releases:read`.
#[derive(JsonSchema)]
pub struct ArtifactDownload;

impl Endpoint for ArtifactDownload {
    const ROUTE: Route =
        get("artifact-download", "/v1/artifacts/{artifact_id}/download").optional_credential();
    type Capabilities = Capabilities<Reader, ArtifactReader>;
    type Input = Path<ArtifactId>;
    type Output = Found;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let uses = ctx.catalog().get_artifact_usage(&id).await?;
        let reader = ctx
            .principal()
            .require(Scope::ReleasesRead)
            .and_then(|()| uses.require_visible(ctx.principal()));
        // A credential opens more than none does, never less.
        if let Err(refusal) = reader
            && !is_public(ctx, &uses.products).await?
        {
            return Err(refusal);
        }
        locate(ctx, &uses.artifact).await.map(Found)
    }
}

async fn is_public(
    ctx: &Ctx<Capabilities<Reader, ArtifactReader>>,
    products: impl IntoIterator<Item = &ProductId>,
) -> Result<bool> {
    for product in products {
        if ctx.catalog().get_product_unscoped(product).await?.artifact_access
            == ArtifactAccess::Public
        {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn locate(
    ctx: &Ctx<Capabilities<Reader, ArtifactReader>>,
    artifact: &Artifact,
) -> Result<String> {
    match &artifact.external_url {
        Some(url) => Ok(url.as_str().to_owned()),
        None => ctx.storage().url(artifact).await,
    }
}
