//! `POST /v1/artifacts/{artifact_id}/verify`

use schemars::JsonSchema;
use slipway_domain::ArtifactId;
use slipway_domain::artifact::Artifact;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, CompletedOrAccepted, Ctx, Endpoint, JobInvoker, Path, Result, Route, Scope, post,
};

use crate::verify_artifact::{ArtifactMessage, VerifyArtifact};

/// Checks the bytes of an external artifact.
///
/// They are fetched, and compared with what was registered. 202: the check goes on, and its result
/// shows as `check` of artifact-get; `verified` says whether the bytes were found. 200 for an
/// artifact that Slipway stores: it is verified. The URL is fetched once, from its beginning to its
/// end, so what takes longer than a function runs, about 13 minutes, can't be checked. Hosts change
/// what they serve: the check says what was there at its time, and can be repeated. A release shows
/// what was known when the artifact was added. 403 where the deployment does not fetch from the host.
#[derive(JsonSchema)]
pub struct ArtifactVerify;

impl Endpoint for ArtifactVerify {
    const ROUTE: Route =
        post("artifact-verify", "/v1/artifacts/{artifact_id}/verify").scope(Scope::ArtifactsWrite);
    type Capabilities = Capabilities<Reader, (), (), JobInvoker<VerifyArtifact>>;
    type Input = Path<ArtifactId>;
    type Output = CompletedOrAccepted<Artifact>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let artifact = ctx.catalog().get_artifact(&id).await?;
        let Some(url) = &artifact.external_url else {
            return Ok(CompletedOrAccepted::Completed(artifact));
        };
        ctx.external().require_allowed(url.as_url())?;
        ctx.invoker().invoke(&ArtifactMessage { artifact_id: id }).await?;
        Ok(CompletedOrAccepted::Accepted(artifact))
    }
}
