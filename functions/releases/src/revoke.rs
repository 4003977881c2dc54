//! `POST /v1/releases/{release_id}/revoke`: withdraws a release.

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::release::{NewRevocation, Release, ReleaseStatus, Revocation};
use slipway_domain::{Error, ReleaseId};
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Withdraws a release for good: from the next decision on nobody is offered it, and its artifacts
/// are no longer public through it. Revoking it again is answered with the first revocation.
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
        post("release-revoke", "/v1/releases/{release_id}/revoke", "Withdraws a release for good.")
            .scope(Scope::CiWrite);
    type Capabilities = ReadWrite;
    type Input = (Path<ReleaseId>, Json<NewRevocation>);
    type Output = Json<RevokedRelease>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(new)): Self::Input,
    ) -> Result<Self::Output> {
        let Release { release_id, status, revocation, .. } =
            ctx.catalog().revoke(&id, &new.reason, ctx.principal(), &ctx.audit()?).await?;
        let revocation = revocation.ok_or_else(|| {
            Error::internal(format!("{release_id} is revoked without a revocation"))
        })?;
        Ok(Json(RevokedRelease { release_id, status, revocation }))
    }
}
