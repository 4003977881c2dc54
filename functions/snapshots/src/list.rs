//! `GET /v1/snapshots`: snapshots.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::TenantId;
use slipway_edge::capabilities::ReadOnly;
use slipway_edge::{Ctx, Endpoint, Json, Limit, Query, Result, Route, Scope, get};
use slipway_snapshot::Snapshot;

/// The snapshots of a tenant, or of all, newest first. A credential that is bound to a tenant sees
/// that tenant's.
pub struct SnapshotList;

/// Whose snapshots, and which page of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Those of this tenant.
    tenant_id: Option<TenantId>,
    /// How many.
    limit: Option<Limit>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of snapshots.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Snapshots {
    /// The snapshots.
    snapshots: Vec<Snapshot>,
    /// What to ask the next page with; null at the end.
    next_cursor: Option<String>,
}

impl Endpoint for SnapshotList {
    const ROUTE: Route = get(
        "snapshot-list",
        "/v1/snapshots",
        "The snapshots of a tenant, or of all, newest first.",
    )
    .scope(Scope::MirrorsRead);
    type Capabilities = ReadOnly;
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
