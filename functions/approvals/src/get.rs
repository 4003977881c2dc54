//! `GET /v1/approvals/{approval_id}`

use schemars::JsonSchema;
use slipway_domain::ApprovalId;
use slipway_domain::approval::Approval;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns an approval, with the change in full.
///
/// `status` is `expired` from `expires_at` on. `required_approvals` and `status` are by the rule that the
/// product has now, and `approvals` says whose approval counts: not that of a token that was revoked
/// or has expired since. approval-effect tells what the change would do to clients.
#[derive(JsonSchema)]
pub struct ApprovalGet;

impl Endpoint for ApprovalGet {
    const ROUTE: Route =
        get("approval-get", "/v1/approvals/{approval_id}").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<ApprovalId>;
    type Output = Json<Approval>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().get_approval(&id, ctx.now()).await.map(Json)
    }
}
