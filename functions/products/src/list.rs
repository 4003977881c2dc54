//! `GET /v1/products`

use schemars::JsonSchema;
use slipway_domain::product::Product;
use slipway_edge::capabilities::Reader;
use slipway_edge::{
    Capabilities, Ctx, CursorPage, Endpoint, Json, Paging, Query, Result, Route, Scope, get,
};

/// Lists the products that the credential may see, newest first.
///
/// A credential that is bound to products, or to a tenant that is entitled to a list of them, gets
/// these only, in the order of their ids.
#[derive(JsonSchema)]
pub struct ProductList;

impl Endpoint for ProductList {
    const ROUTE: Route = get("product-list", "/v1/products").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<CursorPage<Product>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(paging): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(&paging)?;
        ctx.listed(ctx.catalog().list_products(limit, start).await?).map(Json)
    }
}
