//! `GET /v1/products`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::product::Product;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Paging, Query, Result, Route, Scope, get};

/// Lists the products that the credential may see, newest first.
///
/// A credential that is bound to products, or to a tenant, sees those only.
#[derive(JsonSchema)]
pub struct ProductList;

/// A page of products, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Products {
    /// Products of this page.
    products: Vec<Product>,
    /// Cursor of the next page; null on the last page.
    next_cursor: Option<String>,
}

impl Endpoint for ProductList {
    const ROUTE: Route = get("product-list", "/v1/products").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Query<Paging>;
    type Output = Json<Products>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(page): Self::Input,
    ) -> Result<Self::Output> {
        let (limit, start) = ctx.page(page.limit, page.cursor.as_deref())?;
        let (products, next_cursor) =
            ctx.listed(ctx.catalog().products(ctx.principal(), limit, start).await?)?;
        Ok(Json(Products { products, next_cursor }))
    }
}
