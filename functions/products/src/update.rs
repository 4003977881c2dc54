//! `PATCH /v1/products/{product_id}`

use schemars::JsonSchema;
use slipway_catalog::{SignOff, SignOffContext};
use slipway_domain::product::{Product, ProductPatch, ProductRef};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, Ctx, Endpoint, Json, MadeOrWaiting, Path, Result, Route, Scope, patch,
};

/// Changes the given fields of a product and returns the product.
///
/// A field that is absent or null keeps its value; `channels`, `allow_prerelease_on` and
/// `channel_follows` replace all of it. On a channel that is no longer in `channels` nothing more is published, drafts
/// included; one with live releases, or in `channel_follows`, can't be removed: `stale_state` (409) with
/// the `channels` in `details`. With `open_channels`, releasing on a channel that the product does not have makes it,
/// but not on one that was removed. What weakens the sign-off of a channel (fewer
/// approvals, no rule, one more channel that it follows) is 202 with the approval that all of the
/// request waits for. A request removes, restores or raises the sign-off of up to eight channels. Honours `If-Match`: `precondition_failed` (412) if
/// the product has changed since.
#[derive(JsonSchema)]
pub struct ProductUpdate;

impl Endpoint for ProductUpdate {
    const ROUTE: Route =
        patch("product-update", "/v1/products/{product_id}").scope(Scope::AdminWrite).conditional();
    const WRITES: &[Entity] = &[Entity::Product, Entity::Approval];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<ProductRef>, Json<ProductPatch>);
    type Output = MadeOrWaiting<Json<Product>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(name), Json(patch)): Self::Input,
    ) -> Result<Self::Output> {
        let (audit, beside) = (ctx.audit()?, ctx.audit_beside()?);
        let sign_off = SignOffContext { audit: beside, approval_id: ctx.generate_id()? };
        let (check, recorded) =
            (|product: &Product| ctx.require_match(product), (&audit, &sign_off));
        Ok(match ctx.catalog().update_product(&name, &patch, check, recorded).await? {
            SignOff::Made(product) => MadeOrWaiting::Made(Json(product)),
            SignOff::Waits(approval) => MadeOrWaiting::Waiting(approval),
        })
    }
}
