//! `GET /api/v1/promotions`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_catalog::PromotionFilter;
use slipway_composition::{
    BundlePromotionStatus, BundlePromotionSummary, EnvironmentId, ReleaseBundleId,
};
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Filtered, Json, NumberedPage, NumberedPaging, Result, Route,
    Scope, get,
};

/// Lists promotions, newest first.
#[derive(JsonSchema)]
pub struct PromotionList;

/// Which promotions to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PromotionListFilter {
    /// Only promotions of this release. Default: all of them.
    release_id: Option<ReleaseBundleId>,
    /// Only promotions to this environment. Default: all of them.
    target_environment_id: Option<EnvironmentId>,
    /// Only promotions with this status. Default: all of them.
    status: Option<BundlePromotionStatus>,
}

impl Endpoint for PromotionList {
    const ROUTE: Route = get("promotion-list", "/api/v1/promotions").scope(Scope::BundlesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<PromotionListFilter, NumberedPaging>;
    type Output = Json<NumberedPage<BundlePromotionSummary>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let PromotionListFilter {
            release_id: bundle_id,
            target_environment_id: environment_id,
            status,
        } = filter;
        let filter = PromotionFilter { bundle_id, environment_id, status };
        let promotions = ctx.catalog().list_promotions(&filter, paging.range()).await?;
        Ok(Json(NumberedPage::counted(promotions, paging)))
    }
}
