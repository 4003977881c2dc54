//! `POST /v1/releases/{release_id}/publish`

use schemars::JsonSchema;
use slipway_domain::ReleaseId;
use slipway_domain::release::{Publication, Release};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Json, MadeOrWaiting, Path, Result, Route, Scope, post,
};

use crate::sign_off::{made_or_waiting, sign_off};

/// Publishes a draft and returns the release.
///
/// Publishing a published release returns it unchanged, whatever `rollout` and `halt_on` say: use
/// release-rollout and release-update to change them. The clock of a rollout by steps begins. `artifact_not_ready` (422) for a draft
/// without artifacts, or with another number of them than `expected_artifacts`: each of several CI
/// jobs may ask to publish, and the last one does. `stale_state` (409) for a revoked release,
/// `unknown_channel` (422) where the channel was removed from the product,
/// `prerelease_not_allowed` (422) for a prerelease on `stable` that neither product nor request
/// allows. Where the channel asks for sign-off, 202 with the
/// approval that the publication waits for. Honours `If-Match`: `precondition_failed` (412) if the release has changed since.
#[derive(JsonSchema)]
pub struct ReleasePublish;

impl Endpoint for ReleasePublish {
    const ROUTE: Route = post("release-publish", "/v1/releases/{release_id}/publish")
        .scope(Scope::ReleasesPublish)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Release, Entity::Approval];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ReleaseId>, Option<Json<Publication>>);
    type Output = MadeOrWaiting<Json<Release>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), publication): Self::Input,
    ) -> Result<Self::Output> {
        let publication = publication.map(|Json(body)| body).unwrap_or_default();
        publication.check()?;
        let (audit, sign_off) = (ctx.audit()?, sign_off(ctx)?);
        let check = |release: &Release| ctx.require_match(release);
        let recorded = (&audit, &sign_off);
        let outcome = ctx.catalog().publish_release(&id, &publication, check, recorded).await?;
        Ok(made_or_waiting(outcome))
    }
}
