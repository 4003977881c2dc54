//! `GET /v1/snapshots/{snapshot_id}`

use schemars::JsonSchema;
use slipway_domain::SnapshotId;
use slipway_edge::capabilities::{Reader, SnapshotReader};
use slipway_edge::{Capabilities, Ctx, Endpoint, Path, Result, Route, Scope, StoredDocument, get};
use slipway_signing::Signed;
use slipway_snapshot::Manifest;

/// Returns the signed manifest of a snapshot.
///
/// The manifest is immutable and byte for byte what was signed.
#[derive(JsonSchema)]
pub struct SnapshotGet;

impl Endpoint for SnapshotGet {
    const ROUTE: Route =
        get("snapshot-get", "/v1/snapshots/{snapshot_id}").scope(Scope::MirrorsRead);
    type Capabilities = Capabilities<Reader, SnapshotReader>;
    type Input = Path<SnapshotId>;
    type Output = StoredDocument<Signed<Manifest>>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let snapshot = ctx.catalog().get_snapshot(&id).await?;
        Ok(StoredDocument::immutable(ctx.storage().manifest(&snapshot, ctx.read_method()).await?))
    }
}
