//! `GET /v1/trust-rules`

use schemars::JsonSchema;
use slipway_domain::trust_rule::TrustRule;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Query, Result, Route, Scope, get,
};

/// Lists trust rules, newest first.
#[derive(JsonSchema)]
pub struct TrustList;

impl Endpoint for TrustList {
    const ROUTE: Route = get("trust-list", "/v1/trust-rules").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<CursorPage<TrustRule>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(paging): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_trust_rules(limit, start).await?).map(Json)
    }
}
