//! `POST /v1/tokens/exchange`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::token::{Secret, Token};
use slipway_domain::trust_rule::TokenExchangeRequest;
use slipway_edge::capabilities::{Entity, TokenExchanger};
use slipway_edge::clock::entropy;
use slipway_edge::{Capabilities, Ctx, Endpoint, Issued, Json, Result, Route, post};

/// Exchanges the JWT of a CI job for a token, by a trust rule.
///
/// The JWT is the proof; there is no other credential. Its issuer is one that the deployment trusts,
/// and it is judged strictly: the codes `jwt_...` (401) say what is wrong, each of them one thing.
/// Where a claim is not what the rule asks for, `details` names the claim. A JWT is good for one
/// exchange: after that, and after a lost response, ask the CI system for a new one. The token ends
/// after the rule's `lifetime_seconds`. Tokens that are exchanged one after the other by the same
/// rule and `sub` are one actor: an upload or release that one has begun, the next goes on with.
/// `not_found` (404) without such a rule; `issuer_unavailable` (503) while the issuer's keys can't be
/// fetched.
#[derive(JsonSchema)]
pub struct TokenExchange;

/// A token that was exchanged, with its secret.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExchangedToken {
    /// The token.
    #[serde(flatten)]
    token: Token,
    /// Secret, to be sent as `Authorization: Bearer`. Returned once.
    secret: String,
}

impl Endpoint for TokenExchange {
    const ROUTE: Route = post("token-exchange", "/v1/tokens/exchange");
    const WRITES: &[Entity] = &[Entity::ExchangedToken];
    type Capabilities = Capabilities<TokenExchanger>;
    type Input = Json<TokenExchangeRequest>;
    type Output = Issued<ExchangedToken>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Json(request): Self::Input,
    ) -> Result<Self::Output> {
        let jwt = ctx.trusted_issuers().verify(&request.token, ctx.now()).await?;
        let rule = ctx.catalog().get_trust_rule(&request.trust_rule_id, ctx.now()).await?;
        jwt.require(&rule, ctx.now())?;
        let token = rule.token(ctx.now(), ctx.generate_id()?, jwt.workload());
        let secret = Secret::from_entropy(entropy()?);
        let audit = ctx.audit_as(token.actor(), &token.name)?;
        ctx.catalog().exchange(&token, &secret.digest(), jwt.workload().jwt(), &audit).await?;
        Ok(Issued(ExchangedToken { token, secret: secret.reveal() }))
    }
}
