//! `POST /v1/products`

use schemars::JsonSchema;
use slipway_domain::product::{NewProduct, Product};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Creates a product.
///
/// The caller may choose `product_id`; otherwise Slipway assigns one. `product_exists` (409) if the
/// id or the slug is taken. The channels `stable`, `beta` and `internal` exist on every product;
/// `channels` adds others.
#[derive(JsonSchema)]
pub struct ProductCreate;

impl Endpoint for ProductCreate {
    const ROUTE: Route =
        post("product-create", "/v1/products").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Product];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewProduct>;
    type Output = Created<Product>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let product = new.create(ctx.now(), ctx.generate_id()?)?;
        let created = Created::at(format!("/v1/products/{}", product.product_id), product);
        ctx.catalog().create_product(created.resource(), &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}
