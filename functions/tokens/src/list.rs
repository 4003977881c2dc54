//! `GET /v1/tokens`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::token::Token;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Paging, Query, Result, Route, Scope, get};

/// Lists API tokens without their secrets, newest first.
///
/// Includes expired and revoked tokens.
#[derive(JsonSchema)]
pub struct TokenList;

/// A page of tokens, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tokens {
    /// Tokens of this page, including expired and revoked ones.
    tokens: Vec<Token>,
    /// Cursor of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl Endpoint for TokenList {
    const ROUTE: Route = get("token-list", "/v1/tokens").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<Tokens>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(page): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(page.limit, page.cursor.as_deref())?;
        let (tokens, next_cursor) = ctx.listed(ctx.catalog().tokens(limit, start).await?)?;
        Ok(Json(Tokens { tokens, next_cursor }))
    }
}
