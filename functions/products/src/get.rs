//! `GET /v1/products/{product_id}`

use schemars::JsonSchema;
use slipway_domain::product::{Product, ProductRef};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

/// Returns one product, by id or slug.
#[derive(JsonSchema)]
pub struct ProductGet;

impl Endpoint for ProductGet {
    const ROUTE: Route = get("product-get", "/v1/products/{product_id}").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<ProductRef>;
    type Output = Json<Product>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Path(name): Self::Input,
    ) -> Result<Self::Output> {
        ctx.catalog().get_product(&name).await.map(Json)
    }
}
