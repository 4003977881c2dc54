//! `DELETE /v1/tokens/{token_id}`: revokes an API token.

use slipway_domain::TokenId;
use slipway_edge::power::ReadWrite;
use slipway_edge::{Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Revokes an API token, from now on. It stays in the list.
pub struct TokenRevoke;

impl Endpoint for TokenRevoke {
    const ROUTE: Route = delete("token-revoke", "/v1/tokens/{token_id}", "Revokes an API token, from now on.").scope(Scope::AdminWrite);
    type Power = ReadWrite;
    type Input = Path<TokenId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Power>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().revoke_token(&id, &ctx.deed()?).await?;
        Ok(NoContent)
    }
}
