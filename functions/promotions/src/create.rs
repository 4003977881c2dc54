//! `POST /api/v1/promotions`

use schemars::JsonSchema;
use slipway_catalog::PromotionRequest;
use slipway_composition::{BundlePromotion, NewBundlePromotion};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Promotes a release to an environment.
///
/// Where the environment asks for no approval, the promotion is `in_progress` at once, and whoever
/// deploys it tells with promotion-complete how it ends. Else it is `awaiting_approval` until as
/// many others have approved. A release may be promoted to where it is or was deployed, so that
/// promoting an older one rolls back. `not_found` (404) for an unknown release or environment;
/// `release_not_promotable` (422) for a draft and for a release that is deprecated; `stale_state`
/// (409) while another promotion to the environment has not ended, which `details` names.
#[derive(JsonSchema)]
pub struct PromotionCreate;

impl Endpoint for PromotionCreate {
    const ROUTE: Route =
        post("promotion-create", "/api/v1/promotions").scope(Scope::BundlesWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Promotion, Entity::ReleaseBundle];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewBundlePromotion>;
    type Output = Created<BundlePromotion>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let audit = |promotion: &BundlePromotion| ctx.audit_with(&created(promotion.clone()));
        let made = (&ctx.generate_id()?, ctx.now());
        let request = PromotionRequest { new: &new, made, audit: &audit };
        ctx.catalog().create_promotion(request).await.map(created)
    }
}

fn created(promotion: BundlePromotion) -> Created<BundlePromotion> {
    Created::at(format!("/api/v1/promotions/{}", promotion.id), promotion)
}
