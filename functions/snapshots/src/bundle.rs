//! `GET /v1/snapshots/{snapshot_id}/bundle`

use schemars::JsonSchema;
use slipway_domain::SnapshotId;
use slipway_edge::capabilities::{Reader, SnapshotReader};
use slipway_edge::{Capabilities, Ctx, Endpoint, Path, Result, Route, Scope, StoredDocument, get};
use slipway_signing::Signed;
use slipway_snapshot::{Bundle, Manifest};

/// Returns a snapshot's signed manifest with the list of its artifacts.
///
/// Each artifact is listed once, with its SHA-256 and its download URL, so that a mirror knows what
/// to fetch. The bundle is immutable.
#[derive(JsonSchema)]
pub struct SnapshotBundle;

impl Endpoint for SnapshotBundle {
    const ROUTE: Route =
        get("snapshot-bundle", "/v1/snapshots/{snapshot_id}/bundle").scope(Scope::MirrorsRead);
    type Capabilities = Capabilities<Reader, SnapshotReader>;
    type Input = Path<SnapshotId>;
    type Output = StoredDocument<Bundle<Signed<Manifest>>>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let snapshot = ctx.catalog().get_snapshot(&id).await?;
        Ok(StoredDocument::immutable(ctx.storage().bundle(&snapshot, ctx.read_method()).await?))
    }
}
