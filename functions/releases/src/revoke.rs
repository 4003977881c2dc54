//! `POST /v1/releases/{release_id}/revoke`

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::release::{NewRevocation, Release, ReleaseStatus, Revocation};
use slipway_domain::{Channel, Error, ReleaseId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Revokes a release for good: on its channel, or its version on every channel.
///
/// From the next decision on no client is offered it, and its artifacts are no longer public
/// through it. The version stays taken. On other channels the version stays live, as
/// `still_live_on` tells, unless `all_channels` revokes it there too: in one transaction, for up to
/// eight channels and as many artifacts as 100 rows hold (`invalid_field` (400) beyond). Drafts
/// stay. Revoking a revoked release returns the first revocation. `stale_state` (409) for a draft;
/// delete it instead. Honours `If-Match`: `precondition_failed` (412) if the release, the one on its
/// own channel, has changed since.
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
    /// Channels on which the version is still offered to clients, as a release of its own.
    still_live_on: BTreeSet<Channel>,
}

impl Endpoint for ReleaseRevoke {
    const ROUTE: Route = post("release-revoke", "/v1/releases/{release_id}/revoke")
        .scope(Scope::ReleasesRevoke)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Release];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ReleaseId>, Json<NewRevocation>);
    type Output = Json<RevokedRelease>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(new)): Self::Input,
    ) -> Result<Self::Output> {
        let catalog = ctx.catalog();
        let check = |release: &Release| ctx.require_match(release);
        let release = if new.all_channels {
            catalog.revoke_version(&id, &new.reason, check, || ctx.audit()).await?
        } else {
            catalog.revoke_release(&id, &new.reason, check, &ctx.audit()?).await?
        };
        let still_live_on = catalog.list_live_channels(&release).await?;
        let Release { release_id, status, revocation, .. } = release;
        let revocation = revocation.ok_or_else(|| {
            Error::internal(format!("{release_id} is revoked without a revocation"))
        })?;
        Ok(Json(RevokedRelease { release_id, status, revocation, still_live_on }))
    }
}
