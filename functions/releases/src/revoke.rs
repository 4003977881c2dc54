//! `POST /v1/releases/{release_id}/revoke`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::release::{NewRevocation, Release, ReleaseStatus, Revocation};
use slipway_domain::{Error, ReleaseId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Revokes a release for good.
///
/// From the next decision on no client is offered it, and its artifacts are no longer public
/// through it. The version stays taken. Revoking a revoked release returns the first revocation.
/// `stale_state` (409) for a draft; delete it instead.
#[derive(JsonSchema)]
pub struct ReleaseRevoke;

/// A revoked release: its id, and the revocation.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RevokedRelease {
    /// Id of the release.
    release_id: ReleaseId,
    /// Always `revoked`.
    status: ReleaseStatus,
    /// Time, actor and reason of the revocation.
    #[serde(flatten)]
    revocation: Revocation,
}

impl Endpoint for ReleaseRevoke {
    const ROUTE: Route =
        post("release-revoke", "/v1/releases/{release_id}/revoke").scope(Scope::CiWrite);
    const WRITES: &[Entity] = &[Entity::Release];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ReleaseId>, Json<NewRevocation>);
    type Output = Json<RevokedRelease>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(new)): Self::Input,
    ) -> Result<Self::Output> {
        let Release { release_id, status, revocation, .. } =
            ctx.catalog().revoke_release(&id, &new.reason, &ctx.audit()?).await?;
        let revocation = revocation.ok_or_else(|| {
            Error::internal(format!("{release_id} is revoked without a revocation"))
        })?;
        Ok(Json(RevokedRelease { release_id, status, revocation }))
    }
}
