//! `GET /v1/snapshots/config`: when snapshots are made and how long they are kept.

use slipway_edge::capabilities::ReadOnly;
use slipway_edge::{Ctx, Endpoint, Json, Result, Route, Scope, get};
use slipway_snapshot::SnapshotConfig;

/// The configuration of snapshots. A deployment that never got one has the standard one.
pub struct SnapshotConfigGet;

impl Endpoint for SnapshotConfigGet {
    const ROUTE: Route = get(
        "snapshot-config-get",
        "/v1/snapshots/config",
        "When snapshots are made, and how long they are kept.",
    )
    .scope(Scope::MirrorsRead);
    type Capabilities = ReadOnly;
    type Input = ();
    type Output = Json<SnapshotConfig>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        let stored = ctx.catalog().snapshot_config().await?;
        Ok(Json(SnapshotConfig::in_force(stored.map(|stored| stored.value), ctx.batch_window())))
    }
}
