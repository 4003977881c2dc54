//! `GET /v1/tokens`

use schemars::JsonSchema;
use slipway_domain::token::Token;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Query, Result, Route, Scope, get,
};

/// Lists API tokens without their secrets, newest first.
///
/// Includes expired and revoked tokens.
#[derive(JsonSchema)]
pub struct TokenList;

impl Endpoint for TokenList {
    const ROUTE: Route = get("token-list", "/v1/tokens").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<CursorPage<Token>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(paging): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_tokens(limit, start).await?).map(Json)
    }
}
