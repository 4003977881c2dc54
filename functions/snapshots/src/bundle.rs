//! `GET /v1/snapshots/{snapshot_id}/bundle`: a snapshot with the artifacts to download.

use slipway_domain::SnapshotId;
use slipway_domain::snapshot::{Bundle, Manifest};
use slipway_edge::power::DeliverSnapshots;
use slipway_edge::{Ctx, Delivered, Endpoint, Path, Result, Route, Scope, get};
use slipway_signing::Signed;

/// The bundle of a snapshot: its signed manifest, and each artifact once.
pub struct SnapshotBundle;

impl Endpoint for SnapshotBundle {
    const ROUTE: Route =
        get("snapshot-bundle", "/v1/snapshots/{snapshot_id}/bundle", "A snapshot's signed manifest, and each of its artifacts once.")
            .scope(Scope::MirrorsRead);
    type Power = DeliverSnapshots;
    type Input = Path<SnapshotId>;
    type Output = Delivered<Bundle<Signed<Manifest>>>;

    async fn handle(ctx: &Ctx<Self::Power>, Path(id): Self::Input) -> Result<Self::Output> {
        let snapshot = ctx.catalog().visible_snapshot(&id, ctx.principal()).await?;
        Ok(Delivered::immutable(ctx.storage().bundle(&snapshot).await?))
    }
}
