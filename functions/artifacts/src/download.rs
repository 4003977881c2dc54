//! `GET /v1/artifacts/{artifact_id}/download`

use schemars::JsonSchema;
use slipway_domain::ArtifactId;
use slipway_domain::artifact::Artifact;
use slipway_edge::capabilities::{ArtifactReader, Reader};
use slipway_edge::{Capabilities, Ctx, Endpoint, Found, Path, Result, Route, get};

/// Redirects to an artifact's bytes.
///
/// 302 to a presigned URL that expires after 15 minutes, or to the external URL. Range requests
/// work at the target. A presigned URL is its own credential, for the method of the request, GET or
/// HEAD: send no `Authorization` header to it, which storage refuses with 400. No credential is needed while a published release of a product with
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
        let artifact = ctx.catalog().get_artifact_to_download(&id).await?;
        locate(ctx, &artifact).await.map(Found)
    }
}

async fn locate(
    ctx: &Ctx<Capabilities<Reader, ArtifactReader>>,
    artifact: &Artifact,
) -> Result<String> {
    match &artifact.external_url {
        Some(url) => Ok(url.as_str().to_owned()),
        None => ctx.storage().url(artifact, ctx.read_method()).await,
    }
}
