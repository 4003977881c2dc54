//! `GET /v1/tokens`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::audit::Actor;
use slipway_domain::token::Token;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Filtered, Json, Result, Route, Scope, get,
};

/// Lists API tokens without their secrets, newest first.
///
/// Includes expired and revoked tokens. With `created_by` a page may have fewer tokens than asked
/// for, or none, and the next one goes on from there. A token that an operator has created outlives the
/// operator's session and role: list and revoke what somebody who leaves has created.
#[derive(JsonSchema)]
pub struct TokenList;

/// Filter of token-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenFilter {
    /// Only tokens that this actor created: a token id, `oidc:` and an operator's `sub`, or `bootstrap`.
    /// Default: all tokens.
    created_by: Option<Actor>,
}

impl Endpoint for TokenList {
    const ROUTE: Route = get("token-list", "/v1/tokens").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<TokenFilter>;
    type Output = Json<CursorPage<Token>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let keep = |token: &Token| {
            filter.created_by.as_ref().is_none_or(|actor| token.created_by == actor.as_str())
        };
        ctx.listed(ctx.catalog().list_tokens(keep, limit, start).await?).map(Json)
    }
}
