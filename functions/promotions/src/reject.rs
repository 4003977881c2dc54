//! `POST /api/v1/promotions/{id}/reject`

use schemars::JsonSchema;
use slipway_composition::{BundlePromotion, PromotionId};
use slipway_domain::approval::NewRejection;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Rejects a promotion that waits for approval.
///
/// Who has asked for it withdraws it so. `stale_state` (409) where it does not wait: what is
/// `in_progress` ends by promotion-complete.
#[derive(JsonSchema)]
pub struct PromotionReject;

impl Endpoint for PromotionReject {
    const ROUTE: Route =
        post("promotion-reject", "/api/v1/promotions/{id}/reject").scope(Scope::BundlesWrite);
    const WRITES: &[Entity] = &[Entity::Promotion, Entity::ReleaseBundle];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<PromotionId>, Option<Json<NewRejection>>);
    type Output = Json<BundlePromotion>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), rejection): Self::Input,
    ) -> Result<Self::Output> {
        let reason = rejection.and_then(|Json(body)| body.reason);
        ctx.catalog().reject_promotion(&id, reason.as_ref(), &ctx.audit()?).await.map(Json)
    }
}
