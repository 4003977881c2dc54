//! `PATCH /v1/releases/{release_id}`

use schemars::JsonSchema;
use slipway_domain::release::{Release, ReleasePatch, ReleaseStatus};
use slipway_domain::{Principal, ReleaseId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Json, MadeOrWaiting, Path, Result, Route, Scope, patch,
};

use crate::sign_off::{made_or_waiting, sign_off};

/// Corrects metadata, upgrade path or halting of a release, and returns it.
///
/// `metadata`, which has the release notes, replaces the previous one as a whole; a field that is
/// absent or null keeps its value, but for `halt_on`, which null removes. A live release that fails already by a new `halt_on` is
/// halted within a minute. Version, channel and artifacts never change. Clients get the
/// change with their next decision, mirrors with the next snapshot; a release of the same version
/// on another channel keeps its own. To correct a release that is not a draft needs the scope
/// `releases:publish` too. `invalid_field` (400) for a `min_current_version` that is not below the
/// release's own version. `stale_state` (409) for a revoked release. Where the
/// channel asks for sign-off, a correction of a live release is 202 with the approval that it waits for. Honours `If-Match`:
/// `precondition_failed` (412) if the release has changed since.
#[derive(JsonSchema)]
pub struct ReleaseUpdate;

impl Endpoint for ReleaseUpdate {
    const ROUTE: Route = patch("release-update", "/v1/releases/{release_id}")
        .scope(Scope::ReleasesDraft)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Release, Entity::HaltCheck, Entity::Approval];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ReleaseId>, Json<ReleasePatch>);
    type Output = MadeOrWaiting<Json<Release>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(patch)): Self::Input,
    ) -> Result<Self::Output> {
        patch.check()?;
        let (audit, sign_off) = (ctx.audit()?, sign_off(ctx)?);
        let check = |release: &Release| {
            require_scope(ctx.principal(), release)?;
            ctx.require_match(release)
        };
        let recorded = (&audit, &sign_off);
        let outcome = ctx.catalog().update_release(&id, &patch, check, recorded).await?;
        Ok(made_or_waiting(outcome))
    }
}

/// What is told about a published release, clients get at once, as if it was published anew.
fn require_scope(principal: &Principal, release: &Release) -> Result<()> {
    match release.status {
        ReleaseStatus::Draft => Ok(()),
        _ => principal.require(Scope::ReleasesPublish),
    }
}
