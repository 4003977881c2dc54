//! `GET /v1/trust-rules/{trust_rule_id}`

use schemars::JsonSchema;
use slipway_domain::TrustRuleId;
use slipway_domain::trust_rule::TrustRule;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one trust rule.
#[derive(JsonSchema)]
pub struct TrustGet;

impl Endpoint for TrustGet {
    const ROUTE: Route =
        get("trust-get", "/v1/trust-rules/{trust_rule_id}").scope(Scope::AdminRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<TrustRuleId>;
    type Output = Json<TrustRule>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.catalog().get_trust_rule(&id).await?.value))
    }
}
