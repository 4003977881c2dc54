//! `DELETE /v1/tenants/{tenant_id}/streams/{stream}`

use schemars::JsonSchema;
use slipway_domain::TenantId;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};
use slipway_snapshot::StreamId;

/// Deletes a snapshot stream that nobody mirrors any more.
///
/// It gets no new snapshots, and makes room for another set of channels. Its snapshots stay until
/// retention deletes them. Once its channels are asked for again, it is in use again, and its
/// sequence goes on. `stale_state` (409) for the stream of all channels.
#[derive(JsonSchema)]
pub struct SnapshotStreamDelete;

impl Endpoint for SnapshotStreamDelete {
    const ROUTE: Route =
        delete("snapshot-stream-delete", "/v1/tenants/{tenant_id}/streams/{stream}")
            .scope(Scope::SnapshotsWrite);
    const WRITES: &[Entity] = &[Entity::Snapshot, Entity::StreamUse];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<(TenantId, StreamId)>;
    type Output = NoContent;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Path((tenant, stream)): Self::Input,
    ) -> Result<Self::Output> {
        ctx.catalog().delete_stream(&tenant, &stream, &ctx.audit()?).await?;
        Ok(NoContent)
    }
}
