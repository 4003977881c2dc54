//! `GET /v1/snapshots`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::TenantId;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Filtered, Json, Result, Route, Scope, get,
};
use slipway_snapshot::Snapshot;

/// Lists snapshots, newest first.
///
/// A credential that is bound to a tenant sees that tenant's. Without `tenant_id`, any other
/// credential sees those of every tenant.
#[derive(JsonSchema)]
pub struct SnapshotList;

/// Filter and page of snapshot-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotFilter {
    /// Only snapshots of this tenant. Default: the tenant that the credential is bound to, else
    /// all.
    tenant_id: Option<TenantId>,
}

impl Endpoint for SnapshotList {
    const ROUTE: Route = get("snapshot-list", "/v1/snapshots").scope(Scope::MirrorsRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<SnapshotFilter>;
    type Output = Json<CursorPage<Snapshot>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_snapshots(filter.tenant_id, limit, start).await?).map(Json)
    }
}
