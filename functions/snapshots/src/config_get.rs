//! `GET /v1/snapshots/config`

use schemars::JsonSchema;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, Scope, get};
use slipway_snapshot::SnapshotConfig;

/// Returns when snapshots are generated and how long they are kept.
///
/// A deployment that has never been configured has the defaults.
#[derive(JsonSchema)]
pub struct SnapshotConfigGet;

impl Endpoint for SnapshotConfigGet {
    const ROUTE: Route =
        get("snapshot-config-get", "/v1/snapshots/config").scope(Scope::MirrorsRead);
    type Capabilities = Capabilities<Reader>;
    type Input = ();
    type Output = Json<SnapshotConfig>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        let stored = ctx.catalog().find_snapshot_config().await?;
        Ok(Json(SnapshotConfig::effective(stored.map(|stored| stored.value), ctx.batch_window())))
    }
}
