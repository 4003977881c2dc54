//! `GET /v1/approvals/{approval_id}/effect`

use schemars::JsonSchema;
use slipway_domain::ApprovalId;
use slipway_domain::approval::ApprovalEffect;
use slipway_edge::capabilities::DecisionSimulator;
use slipway_edge::{
    Capabilities, Ctx, Endpoint, FunctionSize, Json, Path, Result, Route, Scope, get,
};

/// Tells what a change that waits for approval would do to clients now.
///
/// Nothing is changed, stored or counted. Clients of each kind are decided as `decision` would decide
/// them now, before the change and right after it: on the channels that the change concerns, with the
/// versions that are live or frequent there, on each machine that something is built for, in and out of
/// the rollout. `changes` has the kinds that are told something else, with their `effects`. Of steps,
/// those that are due at once are made. decision-simulate takes clients of your own.
/// `stale_state` (409) where the change can't be made by this approval any more: it was used or rejected
/// or has expired, its release was revoked or deleted, or the same request would be another change now.
#[derive(JsonSchema)]
pub struct ApprovalEffectGet;

impl Endpoint for ApprovalEffectGet {
    const ROUTE: Route =
        get("approval-effect", "/v1/approvals/{approval_id}/effect").scope(Scope::ReleasesRead);
    const SIZE: FunctionSize = FunctionSize::HEAVY_REQUEST;
    type Capabilities = Capabilities<DecisionSimulator>;
    type Input = Path<ApprovalId>;
    type Output = Json<ApprovalEffect>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().approval_effect(&id, ctx.now()).await.map(Json)
    }
}
