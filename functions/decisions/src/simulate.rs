//! `POST /v1/decision/simulate`

use schemars::JsonSchema;
use slipway_catalog::{DecisionReader, LookupBudget, ProposalContext, SimulationSides};
use slipway_domain::Timestamp;
use slipway_domain::decision::{Decision, MAX_PRODUCTS, UpdateCheck};
use slipway_domain::simulation::{Simulation, SimulationRequest};
use slipway_edge::capabilities::DecisionSimulator;
use slipway_edge::{Capabilities, Ctx, Endpoint, FunctionSize, Json, Result, Route, Scope, post};

use crate::decide::GROUP;
use crate::group::Group;

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
        simulate(&checks, &sides, ctx.now()).await.map(Json)
    }
}

/// Decides about all clients before and after. As many as one request for decisions can be about
/// have as much to look up with as one.
async fn simulate(
    checks: &[UpdateCheck],
    sides: &SimulationSides,
    now: Timestamp,
) -> Result<Simulation> {
    let mut simulation = Simulation::default();
    for some in checks.chunks(MAX_PRODUCTS) {
        let mut budgets = (LookupBudget::default(), LookupBudget::default());
        for some in some.chunks(GROUP) {
            let told = decide((&sides.before, now), some, &mut budgets.0).await?;
            let after = decide((&sides.after, now), some, &mut budgets.1).await?;
            for ((check, before), after) in some.iter().zip(&told).zip(&after) {
                simulation.add(check, before, after);
            }
        }
    }
    Ok(simulation)
}

/// The decisions on some clients, without the addresses of artifacts.
async fn decide(
    catalog: (&DecisionReader, Timestamp),
    checks: &[UpdateCheck],
    budget: &mut LookupBudget,
) -> Result<Vec<Decision>> {
    Group::of(catalog, checks, "").await?.decide(checks, budget).await
}
