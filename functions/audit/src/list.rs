//! `GET /v1/audit/events`

use schemars::JsonSchema;
use slipway_domain::audit::{AuditEvent, AuditFilter};
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Filtered, Json, Result, Route, Scope, get,
};

/// Lists the events of the audit log, newest first.
///
/// Every change has one event, written together with it: who made it, in which request, and what the
/// members that changed were before and after. All filters can be combined. Without `actor`,
/// `product_id`, `release_id` and `tenant_id`, the 31 days before `end_time` are searched, unless
/// `start_time` says otherwise. A page can have fewer events than asked for, or none, and be followed
/// by others: go on while there is a `next_cursor`. Events that version 0.1.0 recorded are found by
/// time and `event_type`. Events are kept for as long as the deployment says, 400 days by default.
#[derive(JsonSchema)]
pub struct AuditList;

impl Endpoint for AuditList {
    const ROUTE: Route = get("audit-list", "/v1/audit/events").scope(Scope::AuditRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<AuditFilter>;
    type Output = Json<CursorPage<AuditEvent>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        filter.check()?;
        let (limit, start) = ctx.page(&paging)?;
        let page = ctx.catalog().list_audit_events(&filter, ctx.now(), limit, start).await?;
        ctx.listed(page).map(Json)
    }
}
