//! `GET /api/v1/promotions/{id}`

use schemars::JsonSchema;
use slipway_composition::{BundlePromotion, PromotionId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one promotion, with who has approved it.
///
/// While it waits, `requiredApprovals` is what the environment asks for now, and `approvals` says
/// whose approval counts: not that of a token that was revoked or has expired since.
#[derive(JsonSchema)]
pub struct PromotionGet;

impl Endpoint for PromotionGet {
    const ROUTE: Route = get("promotion-get", "/api/v1/promotions/{id}").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<PromotionId>;
    type Output = Json<BundlePromotion>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        ctx.catalog().get_promotion(&id, ctx.now()).await.map(Json)
    }
}
