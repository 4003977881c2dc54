//! `GET /v1/mirrors`

use schemars::JsonSchema;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Query, Result, Route, Scope, get,
};
use slipway_snapshot::mirror::MirrorView;

/// Lists mirrors and their state, newest first.
#[derive(JsonSchema)]
pub struct MirrorList;

impl Endpoint for MirrorList {
    const ROUTE: Route = get("mirror-list", "/v1/mirrors").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<CursorPage<MirrorView>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(paging): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let page =
            ctx.catalog().list_mirrors(limit, start).await?.map(|mirror| mirror.view(ctx.now()));
        ctx.listed(page).map(Json)
    }
}
