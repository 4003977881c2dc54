//! `POST /v1/decision/explain`

use schemars::JsonSchema;
use slipway_catalog::DecisionGroup;
use slipway_domain::Error;
use slipway_domain::decision::{Explanation, InstalledProduct, UpdateCheck};
use slipway_edge::capabilities::DecisionExplainer;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Explains the decision on an installed product, rule by rule.
///
/// It has what the decision rests on, and every rule, in order, with what it did.
/// The body is one product of a request for decisions; unknown members are ignored, as they are there.
/// `decision` is what the client would be told now, and it is made by the same code. It is neither
/// signed nor counted. `policies` says which level each member of the effective policy comes from;
/// `rules` names the releases that were considered and why each is not offered.
#[derive(JsonSchema)]
pub struct DecisionExplain;

impl Endpoint for DecisionExplain {
    const ROUTE: Route = post("decision-explain", "/v1/decision/explain").scope(Scope::AdminRead);
    type Capabilities = Capabilities<DecisionExplainer>;
    type Input = Json<InstalledProduct>;
    type Output = Json<Explanation>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Json(product): Self::Input,
    ) -> Result<Self::Output> {
        let check = UpdateCheck::from(product);
        let catalog = (ctx.catalog().decisions(), ctx.now());
        let group =
            DecisionGroup::of(catalog, std::slice::from_ref(&check), ctx.public_url()?).await?;
        let explanation = group.explain(&check).await?;
        explanation.map(Json).ok_or_else(|| Error::internal("a check without a decision"))
    }
}
