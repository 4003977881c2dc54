//! `GET /v1/snapshots`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::TenantId;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Limit, Query, Result, Route, Scope, get};
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
pub struct Filter {
    /// Only snapshots of this tenant. Default: the tenant that the credential is bound to, else
    /// all.
    tenant_id: Option<TenantId>,
    /// Maximum number of snapshots on the page. Default: 50.
    limit: Option<Limit>,
    /// Cursor: the `next_cursor` of the previous page. Default: the first page.
    cursor: Option<String>,
}

/// A page of snapshots, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Snapshots {
    /// Snapshots of this page.
    snapshots: Vec<Snapshot>,
    /// Cursor of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl Endpoint for SnapshotList {
    const ROUTE: Route = get("snapshot-list", "/v1/snapshots").scope(Scope::MirrorsRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Filter>;
    type Output = Json<Snapshots>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(filter): Self::Input,
    ) -> Result<Self::Output> {
        let tenant = ctx.principal().tenant_of(filter.tenant_id)?;
        let (limit, start) = ctx.page(filter.limit, filter.cursor.as_deref())?;
        let (snapshots, next_cursor) =
            ctx.listed(ctx.catalog().snapshots(tenant.as_ref(), limit, start).await?)?;
        Ok(Json(Snapshots { snapshots, next_cursor }))
    }
}
