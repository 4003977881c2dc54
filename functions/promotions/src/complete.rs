//! `POST /api/v1/promotions/{id}/complete`

use schemars::JsonSchema;
use slipway_composition::{BundlePromotion, PromotionCompletion, PromotionId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Tells how a promotion has ended that is in progress.
///
/// With `deployed` the release takes the place of what was deployed in the environment; with
/// `failed` that stays. The release is `promoting` while others of its promotions are in progress,
/// else `deployed` if it has ever arrived anywhere, else `ready`; one that is deprecated stays so.
/// Telling the same again changes nothing. `stale_state` (409) where the promotion has not begun,
/// or has ended otherwise.
#[derive(JsonSchema)]
pub struct PromotionComplete;

impl Endpoint for PromotionComplete {
    const ROUTE: Route =
        post("promotion-complete", "/api/v1/promotions/{id}/complete").scope(Scope::BundlesWrite);
    const WRITES: &[Entity] = &[Entity::Promotion, Entity::ReleaseBundle, Entity::Deployment];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<PromotionId>, Json<PromotionCompletion>);
    type Output = Json<BundlePromotion>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(PromotionCompletion { status })): Self::Input,
    ) -> Result<Self::Output> {
        ctx.catalog().complete_promotion(&id, status, &ctx.audit()?).await.map(Json)
    }
}
