//! `POST /v1/decision/outcome`

use schemars::JsonSchema;
use slipway_catalog::ReportEntropy;
use slipway_domain::outcome::{OutcomeReceipt, OutcomeReport};
use slipway_edge::capabilities::{Entity, OutcomeRecorder};
use slipway_edge::clock::entropy;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, SourceNetwork, post};

/// Reports what became of a release on a client.
///
/// A client counts once for each release, with its last outcome: reporting the same again changes
/// nothing unless the rollout was resumed meanwhile, another outcome takes the place of the one before. Neither the id nor the address of the
/// client is stored, and the answer says nothing of other clients. `not_found` for a release that
/// was never published. `rate_limited` (429) with `Retry-After` after 100 reports of a release from
/// one network in an hour, unless the deployment says otherwise: a network is an IPv4 address, or
/// the first 48 bits of an IPv6 address. Unknown members of the request are ignored.
#[derive(JsonSchema)]
pub struct DecisionOutcome;

impl Endpoint for DecisionOutcome {
    const ROUTE: Route = post("decision-outcome", "/v1/decision/outcome");
    const WRITES: &[Entity] = &[Entity::Outcome, Entity::HaltCheck];
    type Capabilities = Capabilities<OutcomeRecorder>;
    type Input = (SourceNetwork, Json<OutcomeReport>);
    type Output = Json<OutcomeReceipt>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (SourceNetwork(network), Json(report)): Self::Input,
    ) -> Result<Self::Output> {
        report.check()?;
        let entropy = ReportEntropy { salt: entropy()?, check: entropy()? };
        ctx.catalog().record_outcome(&report, &network, entropy, ctx.now()).await?;
        let OutcomeReport { release_id, outcome, .. } = report;
        Ok(Json(OutcomeReceipt { release_id, outcome }))
    }
}
