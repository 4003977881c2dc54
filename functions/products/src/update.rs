//! `PATCH /v1/products/{product_id}`: changes a product.

use slipway_domain::product::{Product, ProductPatch, ProductRef};
use slipway_edge::power::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, patch};

/// Changes the fields that are given. Honours `If-Match`.
pub struct ProductUpdate;

impl Endpoint for ProductUpdate {
    const ROUTE: Route = patch("product-update", "/v1/products/{product_id}", "Changes the given fields of a product; honours If-Match.")
        .scope(Scope::AdminWrite);
    type Power = ReadWrite;
    type Input = (Path<ProductRef>, Json<ProductPatch>);
    type Output = Json<Product>;

    async fn handle(ctx: &Ctx<Self::Power>, (Path(name), Json(patch)): Self::Input) -> Result<Self::Output> {
        let deed = ctx.deed()?;
        Ok(Json(ctx.catalog().update_product(&name, &patch, |product| ctx.require_match(product), &deed).await?))
    }
}
