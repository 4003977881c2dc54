//! `POST /v1/tokens`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::token::{NewToken, Secret, Token};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::clock::entropy;
use slipway_edge::{
    Capabilities, Created, CreatedWithSecret, Ctx, Endpoint, Json, Result, Route, Scope, post,
};

/// Creates an API token and returns its secret, once.
///
/// Slipway stores a digest of the secret only. A repeated request with the same `Idempotency-Key`
/// returns the same token with `secret` null. A token can't have a scope that its creator lacks:
/// `ci:write` includes the scopes that it is the sum of. `unknown_product` (422) and
/// `unknown_channel` (422) for what the token would be bound to and is not there; the channels
/// `beta`, `internal` and `stable` are there on every product.
#[derive(JsonSchema)]
pub struct TokenCreate;

/// A new token with its secret.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenWithSecret {
    /// The token.
    #[serde(flatten)]
    token: Token,
    /// Secret, to be sent as `Authorization: Bearer`. Returned once: a repeated request with the
    /// same `Idempotency-Key` gets null.
    secret: Option<String>,
}

impl Endpoint for TokenCreate {
    const ROUTE: Route = post("token-create", "/v1/tokens").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Token];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewToken>;
    type Output = CreatedWithSecret<TokenWithSecret>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let token = new.create(ctx.now(), ctx.generate_id()?, ctx.principal())?;
        ctx.catalog().require_bindings(&token.bindings()).await?;
        let secret = Secret::from_entropy(entropy()?);
        let digest = secret.digest();
        let location = format!("/v1/tokens/{}", token.token_id);
        let shown = TokenWithSecret { token: token.clone(), secret: Some(secret.reveal()) };
        let created = CreatedWithSecret {
            shown: Created::at(location, shown),
            kept: TokenWithSecret { token: token.clone(), secret: None },
        };
        let audit = ctx.audit_with(&created)?;
        ctx.catalog().create_token(&token, &digest, &audit).await?;
        Ok(created)
    }
}
