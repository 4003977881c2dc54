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
/// Customers get none. With `status` a page may have fewer approvals than asked for, or none, and
/// the next one goes on from there.
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
    /// Whether it may keep an approval, of which is known how it stood when it was written last.
    fn may_keep(&self, approval: &Approval, now: Timestamp) -> bool {
        let is_open = |status| matches!(status, ApprovalStatus::Pending | ApprovalStatus::Approved);
        let may_be = |status| match status {
            ApprovalStatus::Expired => is_open(approval.status) && !approval.is_open(now),
            status if is_open(status) => approval.is_open(now),
            status => approval.status == status,
        };
        self.channel.as_ref().is_none_or(|channel| approval.channel == *channel)
            && self.status.is_none_or(may_be)
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
        let keep = |approval: &Approval| filter.may_keep(approval, now);
        let mut page = ctx.catalog().list_approvals(product, keep, limit, (start, now)).await?;
        page.items.retain(|approval| filter.status.is_none_or(|status| approval.status == status));
        ctx.listed(page).map(Json)
    }
}
