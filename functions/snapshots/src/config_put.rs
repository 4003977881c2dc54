//! `PUT /v1/snapshots/config`: sets when snapshots are made and how long they are kept.

use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Result, Route, Scope, put};
use slipway_snapshot::{NewSnapshotConfig, SnapshotConfig};

/// Replaces the configuration of snapshots: what is left out gets its default. Honours `If-Match`.
pub struct SnapshotConfigPut;

impl Endpoint for SnapshotConfigPut {
    const ROUTE: Route = put(
        "snapshot-config-put",
        "/v1/snapshots/config",
        "Sets when snapshots are made, and how long they are kept; honours If-Match.",
    )
    .scope(Scope::AdminWrite);
    type Capabilities = ReadWrite;
    type Input = Json<NewSnapshotConfig>;
    type Output = Json<SnapshotConfig>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let config = new.at(ctx.now(), ctx.batch_window())?;
        let in_force = |stored: Option<&SnapshotConfig>| {
            SnapshotConfig::in_force(stored.cloned(), ctx.batch_window())
        };
        ctx.catalog()
            .put_snapshot_config(
                &config,
                |stored| ctx.require_match(&in_force(stored)),
                &ctx.audit()?,
            )
            .await?;
        Ok(Json(config))
    }
}
