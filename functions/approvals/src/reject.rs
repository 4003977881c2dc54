//! `POST /v1/approvals/{approval_id}/reject`

use schemars::JsonSchema;
use slipway_domain::ApprovalId;
use slipway_domain::approval::{Approval, NewRejection};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, post};

/// Rejects a change, also one that was approved and not made yet.
///
/// The change is not made by this approval; who repeats its request asks anew. Who asked for the change can withdraw it so.
/// `stale_state` (409) where it was made, rejected or expired.
#[derive(JsonSchema)]
pub struct ApprovalReject;

impl Endpoint for ApprovalReject {
    const ROUTE: Route =
        post("approval-reject", "/v1/approvals/{approval_id}/reject").any_credential();
    const WRITES: &[Entity] = &[Entity::Approval];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ApprovalId>, Option<Json<NewRejection>>);
    type Output = Json<Approval>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), rejection): Self::Input,
    ) -> Result<Self::Output> {
        let reason = rejection.and_then(|Json(body)| body.reason);
        ctx.catalog().reject(&id, reason.as_ref(), &ctx.audit()?).await.map(Json)
    }
}
