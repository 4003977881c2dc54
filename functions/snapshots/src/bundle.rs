//! `GET /v1/snapshots/{snapshot_id}/bundle`: a snapshot with the artifacts to download.

use slipway_domain::SnapshotId;
use slipway_edge::capabilities::DeliverSnapshots;
use slipway_edge::{Ctx, Endpoint, Path, Result, Route, Scope, StoredDocument, get};
use slipway_signing::Signed;
use slipway_snapshot::{Bundle, Manifest};

/// The bundle of a snapshot: its signed manifest, and each artifact once.
pub struct SnapshotBundle;

impl Endpoint for SnapshotBundle {
    const ROUTE: Route = get(
        "snapshot-bundle",
        "/v1/snapshots/{snapshot_id}/bundle",
        "A snapshot's signed manifest, and each of its artifacts once.",
    )
    .scope(Scope::MirrorsRead);
    type Capabilities = DeliverSnapshots;
    type Input = Path<SnapshotId>;
    type Output = StoredDocument<Bundle<Signed<Manifest>>>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let snapshot = ctx.catalog().visible_snapshot(&id, ctx.principal()).await?;
        Ok(StoredDocument::immutable(ctx.storage().bundle(&snapshot).await?))
    }
}
