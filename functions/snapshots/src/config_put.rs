//! `PUT /v1/snapshots/config`

use schemars::JsonSchema;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, Scope, put};
use slipway_snapshot::{NewSnapshotConfig, SnapshotConfig};

/// Replaces the configuration of snapshots and returns it.
///
/// A field that is left out gets its default. The body may be wrapped as in a configuration
/// file: `{"snapshots": {"generation": {...}, "retention": {...}}}`. `batch_window` is a property
/// of the deployment: a value other than the deployment's is `invalid_field` (400). Honours
/// `If-Match`: `precondition_failed` (412) if the configuration has changed since.
#[derive(JsonSchema)]
pub struct SnapshotConfigPut;

impl Endpoint for SnapshotConfigPut {
    const ROUTE: Route =
        put("snapshot-config-put", "/v1/snapshots/config").scope(Scope::AdminWrite).conditional();
    const WRITES: &[Entity] = &[Entity::SnapshotConfig];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewSnapshotConfig>;
    type Output = Json<SnapshotConfig>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let config = new.at(ctx.now(), ctx.batch_window())?;
        let effective = |stored: Option<&SnapshotConfig>| {
            SnapshotConfig::effective(stored.cloned(), ctx.batch_window())
        };
        let check = |stored: Option<&SnapshotConfig>| ctx.require_match(&effective(stored));
        ctx.catalog().put_snapshot_config(&config, check, &ctx.audit()?).await.map(Json)
    }
}
