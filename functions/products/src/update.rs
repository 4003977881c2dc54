//! `PATCH /v1/products/{product_id}`: changes a product.

use slipway_domain::product::{Product, ProductPatch, ProductRef};
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, patch};

/// Changes the fields that are given. Honours `If-Match`.
pub struct ProductUpdate;

impl Endpoint for ProductUpdate {
    const ROUTE: Route = patch(
        "product-update",
        "/v1/products/{product_id}",
        "Changes the given fields of a product; honours If-Match.",
    )
    .scope(Scope::AdminWrite);
    type Capabilities = ReadWrite;
    type Input = (Path<ProductRef>, Json<ProductPatch>);
    type Output = Json<Product>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(name), Json(patch)): Self::Input,
    ) -> Result<Self::Output> {
        let audit = ctx.audit()?;
        Ok(Json(
            ctx.catalog()
                .update_product(&name, &patch, |product| ctx.require_match(product), &audit)
                .await?,
        ))
    }
}
