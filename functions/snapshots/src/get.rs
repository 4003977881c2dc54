//! `GET /v1/snapshots/{snapshot_id}`

use schemars::JsonSchema;
use slipway_domain::SnapshotId;
use slipway_edge::capabilities::Entity;
use slipway_edge::{Ctx, Endpoint, Path, Result, Route, Scope, StoredDocument, get};
use slipway_signing::Signed;
use slipway_snapshot::Manifest;

use crate::stream_use::{ReadSnapshot, record_use};

/// Returns the signed manifest of a snapshot.
///
/// The manifest is immutable and byte for byte what was signed.
#[derive(JsonSchema)]
pub struct SnapshotGet;

impl Endpoint for SnapshotGet {
    const ROUTE: Route =
        get("snapshot-get", "/v1/snapshots/{snapshot_id}").scope(Scope::MirrorsRead);
    const WRITES: &[Entity] = &[Entity::StreamUse];
    type Capabilities = ReadSnapshot;
    type Input = Path<SnapshotId>;
    type Output = StoredDocument<Signed<Manifest>>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let snapshot = ctx.catalog().get_snapshot(&id).await?;
        let document = ctx.storage().manifest(&snapshot, ctx.read_method());
        let used = record_use(ctx, &snapshot.tenant_id, &snapshot.stream);
        // A snapshot is served whatever has become of its stream.
        let (document, _) = tokio::join!(document, used);
        Ok(StoredDocument::immutable(document?))
    }
}
