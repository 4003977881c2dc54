//! `POST /v1/trust-rules`

use schemars::JsonSchema;
use slipway_domain::trust_rule::{NewTrustRule, TrustRule};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Creates a trust rule: jobs of a CI system get tokens by it, without a secret.
///
/// A job proves what it is with a JWT of its CI system, and `token-exchange` gives it a token with
/// the scopes and bindings of the rule. The issuer is one of those that the deployment trusts. The
/// rule gives nothing that its creator lacks, and nothing that governs the deployment. It needs a
/// condition on the repository or project: `invalid_field` (400) says which. `unknown_product` (422)
/// and `unknown_channel` (422) for what its tokens would be bound to and is not there; `not_found`
/// (404) for the tenant. A rule is never changed. It ends when it is deleted, when the token that
/// created it ends or is revoked, and its tokens end with it.
#[derive(JsonSchema)]
pub struct TrustCreate;

impl Endpoint for TrustCreate {
    const ROUTE: Route =
        post("trust-create", "/v1/trust-rules").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::TrustRule];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewTrustRule>;
    type Output = Created<TrustRule>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        ctx.trusted_issuers().require(&new.issuer)?;
        let rule = new.create(ctx.now(), ctx.generate_id()?, ctx.principal())?;
        ctx.catalog().require_bindings(&rule.bindings()).await?;
        let location = format!("/v1/trust-rules/{}", rule.trust_rule_id);
        let created = Created::at(location, rule.clone());
        ctx.catalog().create_trust_rule(&rule, &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}
