//! `POST /api/v1/promotions/{id}/approve`

use schemars::JsonSchema;
use slipway_composition::{BundlePromotion, PromotionId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Approves a promotion that somebody else has asked for.
///
/// Once as many others have approved as the environment asks for by then, the promotion is
/// `in_progress`. An approval counts while the token that gave it is valid. Approving again changes
/// nothing, except that it begins where the environment asks for fewer approvals by now.
/// `forbidden` (403) for who has asked for it, and for a token that was exchanged for a job's JWT.
/// `stale_state` (409) where it does not wait any more, and where the release is deprecated by now.
#[derive(JsonSchema)]
pub struct PromotionApprove;

impl Endpoint for PromotionApprove {
    const ROUTE: Route =
        post("promotion-approve", "/api/v1/promotions/{id}/approve").scope(Scope::BundlesWrite);
    const WRITES: &[Entity] = &[Entity::Promotion, Entity::ReleaseBundle];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<PromotionId>;
    type Output = Json<BundlePromotion>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().approve_promotion(&id, &ctx.audit()?).await.map(Json)
    }
}
