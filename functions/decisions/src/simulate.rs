//! `POST /v1/decision/simulate`

use schemars::JsonSchema;
use slipway_catalog::ProposalContext;
use slipway_domain::decision::UpdateCheck;
use slipway_domain::simulation::{Simulation, SimulationRequest};
use slipway_edge::capabilities::DecisionSimulator;
use slipway_edge::{Capabilities, Ctx, Endpoint, FunctionSize, Json, Result, Route, Scope, post};

/// Tells what a change would do to sample clients.
///
/// Nothing is changed, stored or counted.
/// `change` is one of `publish`, `promote` and `revoke`, with the body of the operation that makes
/// it beside `release_id`, or `rollout` or `policy`, with that body as a member; what that refuses,
/// is refused here with the same error. Each client is decided
/// as `decision` would decide it now, before the change and right after it. `transitions` counts all
/// clients by what they are told before and after; `changes` names each that is told something
/// else, and `effects` what an operator has to know of: who is `moved_backwards`, `stranded`,
/// `loses_offer` or is `offered_lower`.
#[derive(JsonSchema)]
pub struct DecisionSimulate;

impl Endpoint for DecisionSimulate {
    const ROUTE: Route = post("decision-simulate", "/v1/decision/simulate").scope(Scope::AdminRead);
    const SIZE: FunctionSize = FunctionSize::HEAVY_REQUEST;
    type Capabilities = Capabilities<DecisionSimulator>;
    type Input = Json<SimulationRequest>;
    type Output = Json<Simulation>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Json(request): Self::Input,
    ) -> Result<Self::Output> {
        request.check()?;
        let context = ProposalContext { now: ctx.now(), release_id: ctx.generate_id()? };
        let (catalog, SimulationRequest { change, clients }) = (ctx.catalog(), request);
        let sides = catalog.sides(&change, &context).await?;
        let checks: Vec<UpdateCheck> = clients.into_iter().map(UpdateCheck::from).collect();
        let (mut simulation, add) = (Simulation::default(), Simulation::add);
        sides.decide(&checks, ctx.now(), |check, told| add(&mut simulation, check, told)).await?;
        Ok(Json(simulation))
    }
}
