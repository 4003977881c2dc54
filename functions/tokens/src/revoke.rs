//! `DELETE /v1/tokens/{token_id}`: revokes an API token.

use slipway_domain::TokenId;
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Revokes an API token, from now on. It stays in the list.
pub struct TokenRevoke;

impl Endpoint for TokenRevoke {
    const ROUTE: Route =
        delete("token-revoke", "/v1/tokens/{token_id}", "Revokes an API token, from now on.")
            .scope(Scope::AdminWrite);
    type Capabilities = ReadWrite;
    type Input = Path<TokenId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().revoke_token(&id, &ctx.audit()?).await?;
        Ok(NoContent)
    }
}
