//! `GET /v1/snapshots/{snapshot_id}/bundle`

use schemars::JsonSchema;
use slipway_domain::SnapshotId;
use slipway_edge::capabilities::Entity;
use slipway_edge::{Ctx, Endpoint, Path, Result, Route, Scope, StoredDocument, get};
use slipway_signing::Signed;
use slipway_snapshot::{Bundle, Manifest};

use crate::stream_use::{ReadSnapshot, record_use};

/// Returns a snapshot's signed manifest with the list of its artifacts.
///
/// Each artifact is listed once, with its SHA-256 and its download URL, so that a mirror knows what
/// to fetch. The bundle is immutable.
#[derive(JsonSchema)]
pub struct SnapshotBundle;

impl Endpoint for SnapshotBundle {
    const ROUTE: Route =
        get("snapshot-bundle", "/v1/snapshots/{snapshot_id}/bundle").scope(Scope::MirrorsRead);
    const WRITES: &[Entity] = &[Entity::StreamUse];
    type Capabilities = ReadSnapshot;
    type Input = Path<SnapshotId>;
    type Output = StoredDocument<Bundle<Signed<Manifest>>>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let snapshot = ctx.catalog().get_snapshot(&id).await?;
        let document = ctx.storage().bundle(&snapshot, ctx.read_method());
        let used = record_use(ctx, &snapshot.tenant_id, &snapshot.stream);
        // A snapshot is served whatever has become of its stream.
        let (document, _) = tokio::join!(document, used);
        Ok(StoredDocument::immutable(document?))
    }
}
