//! `POST /v1/artifacts`

use schemars::JsonSchema;
use slipway_domain::artifact::{Artifact, NewExternalArtifact};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Registers an artifact that is hosted elsewhere.
///
/// Stores the URL, size and SHA-256 as given; nothing is fetched. The URL must be `https`, of a host
/// with a public DNS name. Clients download from that URL and verify the digest themselves.
/// `checksum_mismatch` (409) where Slipway has verified bytes of this SHA-256 that have another size.
#[derive(JsonSchema)]
pub struct ArtifactRegister;

impl Endpoint for ArtifactRegister {
    const ROUTE: Route =
        post("artifact-register", "/v1/artifacts").scope(Scope::ArtifactsWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Artifact];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewExternalArtifact>;
    type Output = Created<Artifact>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let artifact = new.register(ctx.now(), ctx.generate_id()?, ctx.principal().actor())?;
        let created = Created::at(format!("/v1/artifacts/{}", artifact.artifact_id), artifact);
        ctx.catalog().register_artifact(created.resource(), &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}
