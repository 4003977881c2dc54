//! `POST /v1/approvals/{approval_id}/approve`

use schemars::JsonSchema;
use slipway_domain::ApprovalId;
use slipway_domain::approval::{Approval, NewApproval};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, post};

/// Approves the change that `change_sha256` names.
///
/// Once `required_approvals` others have, `status` is `approved`, and the request of the change makes it when it is
/// repeated. That number is the one that the product asks for when it is approved, and again when it is
/// made; an approval counts while the token that gave it is valid. Approving again changes nothing. It needs the scope that the change needs:
/// `releases:publish`, `releases:promote` or `releases:rollout`, and `admin:write` for product-update.
/// `forbidden` (403) without it, for who asked for the change, and for a credential that is bound to
/// other channels.
/// `stale_state` (409) for another digest, where the approval is not pending any more, and where its
/// release was revoked or deleted.
#[derive(JsonSchema)]
pub struct ApprovalApprove;

impl Endpoint for ApprovalApprove {
    const ROUTE: Route =
        post("approval-approve", "/v1/approvals/{approval_id}/approve").any_credential();
    const WRITES: &[Entity] = &[Entity::Approval];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ApprovalId>, Json<NewApproval>);
    type Output = Json<Approval>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(seen)): Self::Input,
    ) -> Result<Self::Output> {
        ctx.catalog().approve(&id, &seen.change_sha256, &ctx.audit()?).await.map(Json)
    }
}
