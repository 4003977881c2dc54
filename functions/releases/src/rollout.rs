//! `PUT /v1/releases/{release_id}/rollout`

use schemars::JsonSchema;
use slipway_domain::ReleaseId;
use slipway_domain::release::Release;
use slipway_domain::rollout::NewRollout;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Json, MadeOrWaiting, Path, Result, Route, Scope, put,
};

use crate::sign_off::{made_or_waiting, sign_off};

/// Sets, pauses or resumes the rollout of a release.
///
/// The rollout is a share of clients that the release is offered to, or steps that raise it by the
/// clock. It takes effect with the next decision. A client's place in the rollout is fixed for each release:
/// raising the share takes the release from no client that had it. A share or steps replace those
/// that it had; the steps that it has already go on. `paused` alone keeps share and steps: the time
/// of a pause does not count, and the steps that are to come move by its length. The steps of a
/// published release are counted from the request, those of a draft from its publication; they are
/// made within a minute. Resuming a rollout has outcomes counted anew for `halt_on`. `stale_state` (409) for a revoked release.
/// Where the channel asks for sign-off, what offers the release to more clients is 202 with the
/// approval that it waits for; a pause and a lower share never wait. Honours `If-Match`: `precondition_failed` (412) if the release has changed
/// since.
#[derive(JsonSchema)]
pub struct ReleaseRollout;

impl Endpoint for ReleaseRollout {
    const ROUTE: Route = put("release-rollout", "/v1/releases/{release_id}/rollout")
        .scope(Scope::ReleasesRollout)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Release, Entity::Approval];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ReleaseId>, Json<NewRollout>);
    type Output = MadeOrWaiting<Json<Release>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(rollout)): Self::Input,
    ) -> Result<Self::Output> {
        rollout.check_change()?;
        let (audit, sign_off) = (ctx.audit()?, sign_off(ctx)?);
        let check = |release: &Release| ctx.require_match(release);
        let recorded = (&audit, &sign_off);
        let outcome = ctx.catalog().set_rollout(&id, &rollout, check, recorded).await?;
        Ok(made_or_waiting(outcome))
    }
}
