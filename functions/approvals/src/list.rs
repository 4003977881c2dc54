//! `GET /v1/approvals`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::approval::{Approval, ApprovalStatus};
use slipway_domain::{Channel, ProductId, Timestamp};
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Filtered, Json, Result, Route, Scope, get,
};

/// Lists approvals, newest first.
///
/// A credential that is bound to products gets one product after the other, by id, each newest first.
/// Customers get none.
#[derive(JsonSchema)]
pub struct ApprovalList;

/// Filter and page of approval-list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalFilter {
    /// Only approvals of this product. Default: all products.
    product_id: Option<ProductId>,
    /// Only approvals on this channel. Default: all channels.
    channel: Option<Channel>,
    /// Only approvals with this status. Default: every status.
    status: Option<ApprovalStatus>,
}

impl ApprovalFilter {
    fn keeps(&self, approval: &Approval, now: Timestamp) -> bool {
        let is_status = |status| approval.clone().as_of(now).status == status;
        self.channel.as_ref().is_none_or(|channel| approval.channel == *channel)
            && self.status.is_none_or(is_status)
    }
}

impl Endpoint for ApprovalList {
    const ROUTE: Route = get("approval-list", "/v1/approvals").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Filtered<ApprovalFilter>;
    type Output = Json<CursorPage<Approval>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Filtered { filter, paging }: Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        let (now, product) = (ctx.now(), filter.product_id.as_ref());
        let keep = |approval: &Approval| filter.keeps(approval, now);
        let mut page = ctx.catalog().list_approvals(product, keep, limit, start).await?;
        page.items = page.items.into_iter().map(|approval| approval.as_of(now)).collect();
        ctx.listed(page).map(Json)
    }
}
