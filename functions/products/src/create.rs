//! `POST /v1/products`: adds a product.

use slipway_domain::product::{NewProduct, Product};
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Adds a product. Its id may be chosen; its slug is unique in the deployment.
pub struct ProductCreate;

impl Endpoint for ProductCreate {
    const ROUTE: Route = post("product-create", "/v1/products", "Adds a product.")
        .scope(Scope::AdminWrite)
        .idempotent();
    type Capabilities = ReadWrite;
    type Input = Json<NewProduct>;
    type Output = Created<Product>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let product = new.create(ctx.now(), ctx.generate_id()?)?;
        ctx.catalog().create_product(&product, &ctx.audit()?).await?;
        Ok(Created::at(format!("/v1/products/{}", product.product_id), product))
    }
}
