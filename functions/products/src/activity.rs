//! `GET /v1/products/{product_id}/activity`

use schemars::JsonSchema;
use slipway_domain::audit::AuditEvent;
use slipway_domain::product::ProductRef;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Path, Query, Result, Route, Scope, get,
};

/// Lists what was done to a product and its releases, newest first.
///
/// These are the events that audit-list has with `product_id`, for whoever may see the product.
/// Events of a tenant, such as a policy for the product at one, are left out for credentials that may
/// not know of the tenant, and those of policies for credentials without `admin:read`. Not for credentials that are bound to a tenant: events name drafts and
/// the vendor's people.
#[derive(JsonSchema)]
pub struct ProductActivity;

impl Endpoint for ProductActivity {
    const ROUTE: Route =
        get("product-activity", "/v1/products/{product_id}/activity").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<ProductRef>, Query<Paging>);
    type Output = Json<CursorPage<AuditEvent>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(name), Query(paging)): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_product_activity(&name, limit, start).await?).map(Json)
    }
}
