//! `GET /v1/mirrors`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Paging, Query, Result, Route, Scope, get};
use slipway_snapshot::mirror::MirrorView;

/// Lists mirrors and their state, newest first.
#[derive(JsonSchema)]
pub struct MirrorList;

/// A page of mirrors, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Mirrors {
    /// Mirrors of this page.
    mirrors: Vec<MirrorView>,
    /// Cursor of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl Endpoint for MirrorList {
    const ROUTE: Route = get("mirror-list", "/v1/mirrors").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<Mirrors>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(page): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(page.limit, page.cursor.as_deref())?;
        let page = ctx.catalog().mirrors(limit, start).await?.map(|mirror| mirror.view(ctx.now()));
        let (mirrors, next_cursor) = ctx.listed(page)?;
        Ok(Json(Mirrors { mirrors, next_cursor }))
    }
}
