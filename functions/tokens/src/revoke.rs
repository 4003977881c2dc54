//! `DELETE /v1/tokens/{token_id}`

use schemars::JsonSchema;
use slipway_domain::TokenId;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Revokes an API token with immediate effect.
///
/// Every token that was created with it is revoked too, and so on, and trust rules that were created
/// with them are deleted. The tokens stay in the list. Revoking it again ends what was created with it
/// in the meantime.
#[derive(JsonSchema)]
pub struct TokenRevoke;

impl Endpoint for TokenRevoke {
    const ROUTE: Route = delete("token-revoke", "/v1/tokens/{token_id}").scope(Scope::AdminWrite);
    const WRITES: &[Entity] = &[Entity::Token, Entity::TrustRule];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<TokenId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().revoke_token(&id, || ctx.audit()).await?;
        Ok(NoContent)
    }
}
