//! `DELETE /v1/trust-rules/{trust_rule_id}`

use schemars::JsonSchema;
use slipway_domain::TrustRuleId;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Deletes a trust rule, and ends its tokens with immediate effect.
#[derive(JsonSchema)]
pub struct TrustDelete;

impl Endpoint for TrustDelete {
    const ROUTE: Route =
        delete("trust-delete", "/v1/trust-rules/{trust_rule_id}").scope(Scope::AdminWrite);
    const WRITES: &[Entity] = &[Entity::TrustRule];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<TrustRuleId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().delete_trust_rule(&id, &ctx.audit()?).await?;
        Ok(NoContent)
    }
}
