//! `GET /v1/snapshots/{snapshot_id}`: a signed manifest.

use slipway_domain::SnapshotId;
use slipway_domain::snapshot::Manifest;
use slipway_edge::power::DeliverSnapshots;
use slipway_edge::{Ctx, Delivered, Endpoint, Path, Result, Route, Scope, get};
use slipway_signing::Signed;

/// The signed manifest of a snapshot.
pub struct SnapshotGet;

impl Endpoint for SnapshotGet {
    const ROUTE: Route = get("snapshot-get", "/v1/snapshots/{snapshot_id}", "The signed manifest of a snapshot.").scope(Scope::MirrorsRead);
    type Power = DeliverSnapshots;
    type Input = Path<SnapshotId>;
    type Output = Delivered<Signed<Manifest>>;

    async fn handle(ctx: &Ctx<Self::Power>, Path(id): Self::Input) -> Result<Self::Output> {
        let snapshot = ctx.catalog().visible_snapshot(&id, ctx.principal()).await?;
        Ok(Delivered::immutable(ctx.storage().manifest(&snapshot).await?))
    }
}
